# SPDX-License-Identifier: BSD-2-Clause
"""What a condition means, written from tiercel-rules(5) alone: a second opinion on what the sensor says.

A condition is a tree of the classes below. Each knows whether it holds for an event, and how it is written. An
event is a function that has the values of a field: a list, empty where the field is missing. Strings are bytes,
addresses are of the module ipaddress, everything else that has a value is an int or a bool.
"""

import base64
import binascii
import ipaddress
import re

TEXT_MAX = 8193


# Patterns.


def bracket(pattern, at):
    """The set that begins at pattern[at] = [, as a function, and where it ends; None if it does not end."""
    end = at + 1
    negated = pattern[end : end + 1] in (b"!", b"^")
    end += negated
    first = end
    ranges = []
    while end < len(pattern) and (pattern[end : end + 1] != b"]" or end == first):
        low = high = pattern[end]
        end += 1
        if pattern[end : end + 1] == b"-" and pattern[end + 1 : end + 2] not in (b"]", b""):
            high = pattern[end + 1]
            end += 2
        ranges.append((low, high))
    if end >= len(pattern):
        return None
    return (lambda byte: any(low <= byte <= high for low, high in ranges) != negated), end + 1


def fits_glob(pattern, text):
    """fnmatch(3) without flags: * takes slashes and leading dots too."""
    if not pattern:
        return not text
    sign = pattern[:1]
    if sign == b"*":
        return any(fits_glob(pattern[1:], text[n:]) for n in range(len(text) + 1))
    if sign == b"\\" and len(pattern) > 1:
        return text[:1] == pattern[1:2] and fits_glob(pattern[2:], text[1:])
    if not text:
        return False
    if sign == b"?":
        return fits_glob(pattern[1:], text[1:])
    taken = bracket(pattern, 0) if sign == b"[" else None
    if taken:
        return taken[0](text[0]) and fits_glob(pattern[taken[1] :], text[1:])
    return sign == text[:1] and fits_glob(pattern[1:], text[1:])


def fits_path(pattern, text):
    """Is the path one that fits, or below it? Each component is a glob."""
    want = [part for part in pattern.split(b"/") if part]
    have = [part for part in text.split(b"/") if part]
    return len(want) <= len(have) and all(fits_glob(w, h) for w, h in zip(want, have))


def lies_in(path, directory):
    """Is it that directory, or in it?"""
    return path == directory or path.startswith(directory + b"/")


def characters(text):
    """Each byte that is no UTF-8 is the character U+FFFD."""
    out = ""
    while text:
        for size in range(1, 5):
            try:
                out += text[:size].decode()
                text = text[size:]
                break
            except UnicodeDecodeError:
                pass
        else:
            out += "\ufffd"
            text = text[1:]
    return out


# Operators on one value and what is asked of it. Strings and bytes; numbers; addresses and networks.


def lower(text):
    return re.sub(rb"[A-Z]+", lambda m: m[0].lower(), text)


def upper(text):
    return re.sub(rb"[a-z]+", lambda m: m[0].upper(), text)


def alone(wanted):
    """A network of one address is that address."""
    return wanted[0] if getattr(wanted, "num_addresses", 0) == 1 else wanted


def equal(value, wanted):
    if isinstance(wanted, (ipaddress.IPv4Network, ipaddress.IPv6Network)):
        return value.version == wanted.version and value in wanted
    if isinstance(wanted, frozenset):  # the addresses of a name
        return value in wanted
    return value == wanted


OPERATORS = {
    "=": equal,
    "==": equal,
    "!=": lambda v, w: not equal(v, w),
    "<": lambda v, w: v < w,
    "<=": lambda v, w: v <= w,
    ">": lambda v, w: v > w,
    ">=": lambda v, w: v >= w,
    "in": equal,
    "intersects": equal,
    "contains": lambda v, w: w in v,
    "icontains": lambda v, w: lower(w) in lower(v),
    "startswith": lambda v, w: v.startswith(w),
    "endswith": lambda v, w: v.endswith(w),
    "glob": lambda v, w: fits_glob(w, v),
    "iglob": lambda v, w: fits_glob(lower(w), lower(v)),
    "regex": lambda v, w: w.fullmatch(characters(v)) is not None,
    "pmatch": lambda v, w: fits_path(w, v),
    "bcontains": lambda v, w: w in v,
    "bstartswith": lambda v, w: v.startswith(w),
}


# What may stand on the left, and behind val() on the right.


class Field:
    """A field; ends: it is either end of a socket, and != asks that both differ."""

    def __init__(self, name, kind, many=False, ends=False, written=None):
        self.name, self.kind, self.many, self.ends = name, kind, many, ends
        self.written = written or name

    def values(self, event):
        return event(self.name)

    def text(self):
        return self.written.encode()


class String:
    """A string among the arguments of a function."""

    kind, many, ends = "STR", False, False

    def __init__(self, value, text):
        self.value, self.written = value, text

    def values(self, event):
        return [self.value]

    def text(self):
        return self.written


class Val(Field):
    def text(self):
        return b"val(" + self.written.encode() + b")"


def decoded(text):
    """What base64 stands for; = at its end may be left out, and bits that stand for nothing are 0."""
    whole = text if b"=" in text else text + b"=" * (-len(text) % 4)
    try:
        made = base64.b64decode(whole, validate=True)
    except (binascii.Error, ValueError):
        return None
    return made if base64.b64encode(made) == whole else None


ONE = {
    "tolower": lower,
    "toupper": upper,
    "b64": decoded,
    "basename": lambda text: text.rpartition(b"/")[2],
}


class Function:
    """A function of others; between is the string of join()."""

    def __init__(self, name, parts, between=None):
        self.name, self.parts, self.between = name, parts, between
        self.many = name != "len" and parts[0].many
        self.kind = "INT" if name == "len" else parts[0].kind
        self.ends = self.many and parts[0].ends

    def values(self, event):
        parts = [part.values(event) for part in self.parts]
        if not all(parts):
            return []
        if self.name == "len":
            return [len(parts[0]) if self.parts[0].many else len(parts[0][0])]
        if self.name in ONE:
            made = [ONE[self.name](value) for value in parts[0]]
        else:
            made = [(self.between.value if self.between else b"").join(part[0] for part in parts)]
        return [value for value in made if value is not None and len(value) <= TEXT_MAX]

    def text(self):
        parts = b", ".join(part.text() for part in self.parts)
        if self.between:
            parts = self.between.text() + b", (" + parts + b")"
        return self.name.encode() + b"(" + parts + b")"


def options(words, letters):
    """What getopt() finds: for each option its letter, and the texts that it stands for."""
    takes = dict(re.findall(rb"([^:])(:?)", letters))
    words = list(words)
    while words:
        word = words.pop(0)
        if word in (b"-", b"--") or not word.startswith(b"-"):
            return
        rest = b"" if word.startswith(b"--") else word[1:]
        while rest:
            letter, rest = rest[:1], rest[1:]
            if letter not in takes:
                yield letter, [b"?"]
            elif not takes[letter]:
                yield letter, [letter]
            elif rest or words:
                yield letter, [letter, rest or words.pop(0)]
                rest = b""
            else:
                yield letter, [b""]


class Arguments(Field):
    """proc.args in a getopt(): one by one."""

    def __init__(self):
        super().__init__("argv", "STR", True, written="proc.args")


class Getopt:
    """getopt() of all arguments, or of a list of values; option: [LETTER] behind it."""

    name, kind = "getopt", "STR"

    def __init__(self, parts, letters, written, option=None, bare=False):
        self.parts, self.letters, self.written, self.option, self.bare = parts, letters, written, option, bare
        self.many = self.ends = option is None

    def values(self, event):
        parts = [part.values(event) for part in self.parts]
        if not all(parts):
            return []
        words = parts[0] if self.parts[0].many else [word for part in parts for word in part[0].split(b"\0")]
        found = list(options(words, self.letters))
        if self.option is None:
            return [text for _, texts in found for text in texts]
        return [texts[-1] for letter, texts in found if letter == self.option][-1:]

    def text(self):
        parts = b", ".join(part.text() for part in self.parts)
        behind = b"" if self.option is None else b"[" + self.option + b"]"
        return b"getopt(" + (parts if self.bare else b"(" + parts + b")") + b", " + self.written + b")" + behind


# Conditions.


class Literal:
    """A value in a rule, and how it is written."""

    def __init__(self, value, text):
        self.value, self.written = value, text

    def items(self, lists):
        return [self.value]

    def text(self):
        return self.written


class ListName:
    """A list by its name: it stands for its items."""

    def __init__(self, name):
        self.name = name

    def items(self, lists):
        return [value for item in lists[self.name] for value in item.items(lists)]

    def text(self):
        return self.name.encode()


class Check:
    """left OPERATOR [of] right; right is a list of literals and names, a value of the left's kinds, or None."""

    def __init__(self, left, operator, right=None, of=None, bare=False, tight=False):
        self.left, self.operator, self.right, self.of = left, operator, right, of
        self.bare = bare  # a list's name without parentheses, or one value
        self.tight = tight  # written without blanks

    def holds(self, event, world):
        values = self.left.values(event)
        if self.operator == "exists" or not values:
            return bool(values)
        if not isinstance(self.right, list):
            wanted = self.right.values(event)
            return bool(wanted) and self.fits(values, wanted[0], event)
        wanted = [value for item in self.right for value in item.items(world.lists)]
        if not self.of:
            return any(self.fits(values, one, event) for one in wanted)
        asked = [self.fits(values, one, event) for one in dict.fromkeys(alone(one) for one in wanted)]
        return {"oneof": sum(asked) == 1, "anyof": any(asked), "allof": bool(asked) and all(asked)}[self.of]

    def fits(self, values, wanted, event):
        if isinstance(wanted, bytes) and isinstance(self.right, list) and self.left.name == "fd.name":
            if self.operator in ("=", "==", "in", "intersects") and event.is_file(wanted):
                return True
            if self.operator == "!=" and event.is_file(wanted):
                return False
        each = (OPERATORS[self.operator](value, wanted) for value in values)
        return all(each) if self.operator == "!=" and self.left.ends else any(each)

    def text(self):
        out = self.left.text()
        blank = b"" if self.tight else b" "
        if self.operator == "exists":
            return out + b" exists"
        out += blank + self.operator.encode() + blank
        if not isinstance(self.right, list):
            return out + self.right.text()
        if self.of:
            out += self.of.encode() + b" "
        items = b", ".join(item.text() for item in self.right)
        return out + (items if self.bare else b"(" + items + b")")

    def smaller(self):
        if isinstance(self.right, list) and not self.bare:
            for n in range(len(self.right)):
                rest = self.right[:n] + self.right[n + 1 :]
                yield Check(self.left, self.operator, rest, self.of, False, self.tight)


class Macro:
    def __init__(self, name):
        self.name = name

    def holds(self, event, world):
        return world.macros[self.name].holds(event, world)

    def text(self):
        return self.name.encode()

    def smaller(self):
        return ()


class Not:
    def __init__(self, part):
        self.part = part

    def holds(self, event, world):
        return not self.part.holds(event, world)

    def text(self):
        inner = self.part.text()
        return b"not (" + inner + b")" if isinstance(self.part, Join) else b"not " + inner

    def smaller(self):
        yield self.part
        for part in self.part.smaller():
            yield Not(part)


class Join:
    """Parts joined by and, or by or; round: in parentheses that nobody needs. A part that binds less gets its own."""

    def __init__(self, word, parts, round=False):
        self.word, self.parts, self.round = word, parts, round

    def holds(self, event, world):
        return (all if self.word == "and" else any)(part.holds(event, world) for part in self.parts)

    def text(self):
        out = []
        for part in self.parts:
            text = part.text()
            weaker = isinstance(part, Join) and self.word == "and" and part.word == "or" and not part.round
            out.append(b"(" + text + b")" if weaker else text)
        text = (b" " + self.word.encode() + b" ").join(out)
        return b"(" + text + b")" if self.round else text

    def smaller(self):
        yield from self.parts
        for n, part in enumerate(self.parts):
            if len(self.parts) > 2:
                yield Join(self.word, self.parts[:n] + self.parts[n + 1 :], self.round)
            for less in part.smaller():
                yield Join(self.word, self.parts[:n] + [less] + self.parts[n + 1 :], self.round)


def appended(old, word, new):
    """What `condition +=` makes: the old one in parentheses, and the text of the new one behind it."""
    if word == "and" and isinstance(new, Join) and new.word == "or" and not new.round:
        return Join("or", [appended(old, word, new.parts[0])] + new.parts[1:])
    return Join(word, [old, new])


class World:
    """The lists and macros of a file of rules."""

    def __init__(self):
        self.lists, self.macros = {}, {}


# Fields that have the name of an opened file, and operators that compare it whole or from its start.
OPENED = ("fd.name", "fd.directory", "fd.filename", "fs.path.name", "evt.arg.name")
COVERS = {
    "in": lambda path, wanted: path == wanted,
    "glob": lambda path, wanted: path == wanted,
    "startswith": lambda path, wanted: path.startswith(wanted),
    "pmatch": lies_in,
}


def needed(tree, world, wanted=True, either=None):
    """What a rule needs such names to be: field, operator, path, and the `or` that it is a part of."""
    if isinstance(tree, Macro):
        yield from needed(world.macros[tree.name], world, wanted, either)
    elif isinstance(tree, Not):
        yield from needed(tree.part, world, not wanted, either)
    elif isinstance(tree, Join):
        either = (either or tree) if (tree.word == "or") == wanted else None
        for part in tree.parts:
            yield from needed(part, world, wanted, either)
    elif wanted and isinstance(tree.right, list) and isinstance(tree.left, Field) and tree.left.name in OPENED:
        operator = "in" if tree.operator in ("=", "==", "intersects") else tree.operator
        for item in tree.right if operator in COVERS else ():
            for path in item.items(world.lists):
                if operator == "pmatch" and path.strip(b"/"):
                    path = b"/" + b"/".join(part for part in path.split(b"/") if part)
                if path.startswith(b"/") and (operator != "pmatch" or path.strip(b"/")):
                    yield either or tree, tree.left.name, operator, path


def is_blind(tree, link, real, world):
    """Does a rule need a name behind the link, and take no name behind the directory itself in its place?"""
    asked = list(needed(tree, world))

    def is_covered(either, field, operator, path):
        path = real + path[len(link) :]
        return any((e is either) and (field, operator) == (f, o) and COVERS[o](path, wanted) for e, f, o, wanted in asked)

    return any(lies_in(need[3], link) and not is_covered(*need) for need in asked)


def fires(tree, event, world):
    """
    Does a rule with this condition fire? It is asked about an opened file by the kernel's name, by the caller's, and by
    those behind links that it names.
    """
    if tree.holds(event, world) or (event.second is not None and tree.holds(event.second, world)):
        return True
    return any(is_blind(tree, link, real, world) and tree.holds(other, world) for link, real, other in event.others)
