# SPDX-License-Identifier: BSD-2-Clause
"""Random conditions, and files of rules made of them, with the trees of meaning.py that say what they mean.

Values are taken from the events that rules will be asked about, and changed a little, so that both answers come up.
"""

import ipaddress
import os
import re

import events
from meaning import Arguments, Check, Field, Function, Getopt, Join, ListName, Literal, Macro, Not, String, Val, World, appended, characters

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Fields by name with what is in brackets; those that fields.def has more of are not modelled by events.py.
ARGUMENTS = {
    "proc.args": ["", "[0]", "[1]", "[3]"],
    "proc.env": [""] + [f"[{name.decode()}]" for name in events.VARIABLES],
    "proc.aname": ["", "[0]", "[1]", "[2]", "[3]"],
    "proc.aexe": ["", "[1]", "[2]"],
    "proc.apid": ["", "[0]", "[1]", "[2]", "[3]"],
    "proc.aexepath": ["", "[0]", "[1]", "[2]"],
    "proc.acmdline": ["", "[1]", "[2]"],
    "container.label": [f"[{name.decode()}]" for name in events.LABELS],
    "container.mount.dest": [f"[{key}]" for key in events.MOUNT_KEYS],
    "container.mount.source": [f"[{key}]" for key in events.MOUNT_KEYS],
    "container.mount.rdwr": [f"[{key}]" for key in events.MOUNT_KEYS],
    "evt.arg": [".name", ".path", ".oldpath", ".newpath", ".filename", ".backlog", ".dev", ".dir"],
    "evt.rawarg": [".mode", ".size", ".backlog"],
}
MODELLED = """evt.type evt.dir evt.res evt.rawres evt.failed evt.is_open_read evt.is_open_write evt.is_open_exec evt.is_open_create
evt.buffer fs.path.name fs.path.nameraw fs.path.source fs.path.target fd.name fd.nameraw fd.given fd.num fd.type fd.typechar fd.directory
fd.filename fd.ip fd.cip fd.sip fd.lip fd.rip fd.port fd.cport fd.sport fd.lport fd.rport fd.net fd.cnet fd.snet fd.lnet fd.rnet
fd.ip.name fd.cip.name fd.sip.name fd.lip.name fd.rip.name fd.l4proto fd.sockfamily fd.is_server proc.name proc.ppid proc.pid proc.vpid proc.pgid
proc.vpgid proc.sid proc.exe proc.exepath proc.cmdnargs proc.cmdlenargs proc.cmdline proc.exeline proc.cwd proc.tty proc.pname
proc.pexe proc.pexepath proc.pcmdline user.name user.loginname group.name user.uid user.loginuid group.gid container.id container.type container.name
container.image container.image.repository container.image.tag container.privileged k8s.ns.name""".split()

# Names of files, of which an event may have two: asked oftener.
NAMES = ["fd.name", "fd.directory", "fd.filename", "fd.given", "fs.path.name", "evt.arg.name"]

SINGLE = {"=": 9, "==": 2, "!=": 5, "<": 3, "<=": 2, ">": 3, ">=": 3, "contains": 4, "icontains": 3, "startswith": 4, "endswith": 4,
          "glob": 4, "iglob": 2, "regex": 4, "bcontains": 2, "bstartswith": 2}
LISTED = {"in": 7, "intersects": 2, "pmatch": 3}
KINDS = {
    "STR": "= == != in intersects pmatch contains icontains startswith endswith glob iglob regex",
    "BYTES": "= == != in intersects contains startswith endswith bcontains bstartswith",
    "INT": "= == != < <= > >= in intersects",
    "PORT": "= == != < <= > >= in intersects",
    "BOOL": "= == != in intersects",
    "IP": "= == != in intersects",
    "HOST": "= == != in intersects",
}
KINDS = {kind: operators.split() for kind, operators in KINDS.items()}
WITH_FUNCTION = "= == != < <= > >= contains icontains startswith endswith".split()
ESCAPES = {8: b"\\b", 12: b"\\f", 10: b"\\n", 13: b"\\r", 9: b"\\t"}
FUNCTIONS = ["tolower", "toupper", "b64", "basename", "len", "concat", "join", "getopt"]


def fields():
    """Of core/fields.def, what events.py knows of."""
    out = []
    with open(os.path.join(ROOT, "core/fields.def"), encoding="utf-8") as table:
        rows = re.findall(r'^FIELD\("([^"]+)", (\w+), (\w+), ([\w| ]+),', table.read(), re.M)
    for name, kind, argument, flags in rows:
        for more in ARGUMENTS.get(name, [""] if name in MODELLED else []):
            many = not more and ("FIELD_ENDS" in flags or "FIELD_ANY_NE" in flags)
            ends = "FIELD_ENDS" in flags
            if not re.search("[ =]", more):
                out.append(Field(name + more, kind, many, ends))
            if "KEY" in argument and more:
                quote = "'" if "e" in more else '"'
                out.append(Field(name + more, kind, many, ends, f"{name}[{quote}{more[1:-1]}{quote}]"))
    return out


def written(value, rng):
    """A string as a value in a rule. A NUL cannot be written; names of lists, and modifiers, would be taken for such."""
    word = re.fullmatch(rb"[!-~]+", value) and not re.search(rb"[()\"'=,]|^list_|^oneof$", value)
    if word and rng.random() < 0.5:
        return value
    return in_quotes(value, rng)


def in_quotes(value, rng):
    quote = rng.choice([39, 34])
    out = bytes([quote])
    for byte in value:
        if byte == 92 and rng.random() < 0.1:
            out += b"\\ "
        elif byte in (quote, 92) or (byte in (39, 34, 47) and rng.random() < 0.1):
            out += b"\\" + bytes([byte])
        elif byte in ESCAPES and rng.random() < 0.8:
            out += ESCAPES[byte]
        elif byte < 32 or byte == 127 or rng.random() < 0.02:
            out += (b"\\x%02x" if rng.random() < 0.5 else b"\\x%02X") % byte
        else:
            out += bytes([byte])
    return out + bytes([quote])


class Regex:
    """A random expression that tends to match a text: as a rule has it, and as Python has it."""

    def __init__(self, rng, text):
        self.rng = rng
        self.ours, self.theirs = "", ""
        text = characters(text)
        at = rng.randrange(len(text) + 1) if rng.random() < 0.5 else 0
        if at:
            self.add(".*", ".*")
        for sign in text[at : at + rng.choice([1, 3, 8, 30])]:
            self.atom(sign)
        if rng.random() < 0.6:
            self.add(".*", ".*")

    def add(self, ours, theirs):
        self.ours += ours
        self.theirs += theirs

    def atom(self, sign):
        rng = self.rng
        literal = "\\" + sign if sign in ".*+?()[]{}|^$\\" else sign
        theirs = re.escape(sign)
        if sign == "\n":
            literal = "\\n"
        roll = rng.random()
        if roll < 0.5:
            pair = literal, theirs
        elif roll < 0.6:
            pair = ".", "."
        elif roll < 0.7:
            pair = "[a-y/.]", "[a-y/.]"
        elif roll < 0.75:
            pair = "[^x-z]", "[^x-z]"
        elif roll < 0.8:
            pair = "[[:alnum:]_-]", "[A-Za-z0-9_-]"
        elif roll < 0.85:
            pair = "[[:^space:]]", "[^ \\t\\n\\r\\f\\v]"
        elif roll < 0.95:
            pair = f"({literal}|ab|)", f"(?:{theirs}|ab|)"
        elif ord(sign) < 128:
            pair = "\\x%02x" % ord(sign), theirs
        else:
            pair = "\\x{%x}" % ord(sign), theirs
        times = rng.choice([""] * 8 + ["*", "+", "?", "{1}", "{1,}", "{0,2}"])
        self.add(pair[0] + times, pair[1] + times)

    def literal(self, rng):
        return Literal(re.compile(self.theirs, re.DOTALL), written(self.ours.encode(), rng))


class Maker:
    def __init__(self, rng, some):
        self.rng, self.fields, self.world = rng, fields(), World()
        self.some = some  # events
        self.same = [name for ev in some for name in ev.files if ev.is_file(name)]
        self.by_kind = {}
        for field in self.fields:
            self.by_kind.setdefault(field.kind, []).append(field)
        self.kinds = {}  # of lists
        self.models = {}  # a field whose values each list has

    # Values.

    def sample(self, left):
        """A value that the left side has for some event, or another name of its file."""
        if getattr(left, "name", "") == "fd.name" and self.same and self.rng.random() < 0.3:
            return self.rng.choice(self.same)
        for _ in range(4):
            values = left.values(self.rng.choice(self.some))
            if values:
                return self.rng.choice(values)
        return None

    def string(self, left, operator):
        rng, value = self.rng, self.sample(left)
        if value is None or rng.random() < 0.15:
            value = rng.choice(events.NAMES + events.WORDS + events.PATHS)
        cut, end = sorted((rng.randrange(len(value) + 1), rng.randrange(len(value) + 1)))
        if operator == "startswith":
            value = value[:end]
        elif operator == "endswith":
            value = value[cut:]
        elif operator in ("contains", "icontains"):
            value = value[cut:end]
        elif operator == "pmatch":
            parts = value.split(b"/")
            value = b"/".join(parts[: rng.randrange(len(parts) + 1)]) if rng.random() < 0.7 else value
            value = self.wild(value)
            value += b"/" if rng.random() < 0.1 else b""
        elif operator in ("glob", "iglob"):
            value = self.wild(value)
        if operator in ("icontains", "iglob") or rng.random() < 0.05:
            value = value.swapcase()
        elif rng.random() < 0.05:
            value += b"x"
        return value.replace(b"\0", b"0")

    def wild(self, value):
        """A pattern that tends to fit."""
        out, at = b"", 0
        while at < len(value):
            sign, roll = value[at : at + 1], self.rng.random()
            at += 1
            if sign in b"*?[\\":
                out += b"\\" + sign
            elif roll < 0.08 and sign[0] < 128:
                out += b"?"
            elif roll < 0.14:
                out += b"*"
                at += self.rng.choice([0, 0, 1, 3]) if value.isascii() else 0
            elif roll < 0.2 and sign.isalnum():
                out += self.rng.choice([b"[%s]" % sign, b"[!%s]" % sign, b"[a-z]", b"[^0-9]", b"[]%s]" % sign])
            else:
                out += sign
        return out

    def literal(self, left, operator):
        rng = self.rng
        kind = left.kind
        if operator in ("bcontains", "bstartswith"):
            value = self.string(left, "startswith" if operator == "bstartswith" else "contains") or b"a"
            text = value.hex()
            return Literal(value, (text.upper() if rng.random() < 0.3 else text).encode())
        if operator == "regex":
            return Regex(rng, self.string(left, "=")).literal(rng)
        if left.kind == "STR" and getattr(left, "name", "") == "evt.type":
            value = rng.choice(["open", "openat", "openat2", "creat", "connect", "accept", "execve", "rename", "unlink", "unlinkat",
                                "ftruncate", "sendto", "listen", "bind", "socket"]).encode()
            return Literal(value, written(value, rng))
        if kind in ("STR", "BYTES"):
            value = self.string(left, operator)
            return Literal(value, written(value, rng))
        if kind in ("INT", "PORT"):
            value = self.sample(left)
            if value is None or rng.random() < 0.3:
                value = rng.choice(events.PORTS if kind == "PORT" else events.NUMBERS + [-1, -2, 2**63 - 1])
            value += rng.choice([0, 0, 0, 1, -1])
            if kind == "PORT" or value > 2**63 - 1:
                value = min(max(value, 0), 65535)
            text = b"%d" % value
            if value >= 0:
                text = rng.choice([b"", b"", b"", b"+", b"0", b"00"]) + text
            return Literal(value, text if rng.random() < 0.8 else b"'" + text + b"'")
        if kind == "BOOL":
            value = rng.random() < 0.5
            return Literal(value, b"true" if value else b"false")
        if kind == "HOST":
            if rng.random() < 0.5:
                name = rng.choice(list(events.HOSTS))
                return Literal(frozenset(ipaddress.ip_address(a) for a in events.HOSTS[name]), written(name, rng))
            value = self.sample(left) or ipaddress.ip_address(rng.choice(events.ADDRESSES))
            return Literal(frozenset([value]), written(str(value).encode(), rng))
        return self.address(left)

    def address(self, left):
        rng = self.rng
        value = self.sample(left) or ipaddress.ip_address(rng.choice(events.ADDRESSES))
        if rng.random() < 0.2:
            value = ipaddress.ip_address(rng.choice(events.ADDRESSES))
        text = str(value)
        if rng.random() < 0.4:
            bits = rng.choice([0, 1, 8, 12, 16, 24, 31, 32] + ([48, 64, 127, 128] if value.version == 6 else []))
            net = ipaddress.ip_network(f"{value}/{bits}", strict=False)
            return Literal(net, written((str(net) if rng.random() < 0.7 else f"{value}/{bits}").encode(), rng))
        if value.version == 6 and rng.random() < 0.3:
            text = value.exploded
        if value.version == 4 and rng.random() < 0.2:
            text = "::ffff:" + text
        return Literal(value, written(text.encode(), rng))

    # The two sides.

    def function(self, depth=0):
        rng = self.rng
        name = rng.choice(FUNCTIONS)
        if name == "getopt":
            return self.getopt(depth)
        if name in ("concat", "join"):
            parts = [self.argument(depth) for _ in range(rng.choice([2, 2, 3]))]
            if not any(isinstance(part, (Field, Function)) for part in parts):
                parts[0] = self.plain_field()
            if name == "concat":
                return Function(name, parts)
            between = rng.choice([b",", b"/", b" ", b""])
            return Function(name, parts, String(between, in_quotes(between, rng)))
        if name == "len" and rng.random() < 0.2:
            return Function(name, [self.getopt(depth)])
        if name == "len":
            kind = rng.choice(["STR", "STR", "STR", "BYTES", "IP", "PORT"])
            return Function(name, [rng.choice([f for f in self.by_kind[kind] if f.name != "evt.type" and (f.many or kind in ("STR", "BYTES"))])])
        if depth < 3 and rng.random() < 0.3:
            inner = self.function(depth + 1)
            return Function(name, [inner]) if inner.kind == "STR" or (inner.kind == "BYTES" and name in ("b64", "len")) else inner
        if name == "b64" and rng.random() < 0.3:
            return Function(name, [rng.choice(self.by_kind["BYTES"])])
        return Function(name, [rng.choice([f for f in self.by_kind["STR"] if f.name != "evt.type"])])

    def getopt(self, depth):
        rng = self.rng
        parts = [Arguments()]
        if rng.random() < 0.4:
            words = [field for field in self.fields if field.name.startswith("proc.args[")]
            parts = [rng.choice(words) if rng.random() < 0.8 else self.argument(depth) for _ in range(rng.choice([1, 2, 3, 5]))]
            parts = [rng.choice(words) if getattr(part, "name", "") == "proc.args" else part for part in parts]
            parts[rng.randrange(len(parts))] = rng.choice(words)
        letters = rng.choice([b"xc:", b"a:cx", b"x", b"c:a:x:", b"xa?@", b"1bx:ca"])
        option = rng.choice(letters.replace(b":", b"").decode()).encode() if rng.random() < 0.4 else None
        written = in_quotes(letters if rng.random() < 0.9 else b":" + letters, rng)
        return Getopt(parts, letters, written, option, parts[0].many and rng.random() < 0.7)

    def plain_field(self):
        return self.rng.choice([f for f in self.by_kind["STR"] if f.name != "evt.type" and not f.many])

    def argument(self, depth):
        rng = self.rng
        if rng.random() < 0.3:
            value = rng.choice(events.WORDS + [b"/", b"x"])
            return String(value, in_quotes(value, rng))
        if depth < 3 and rng.random() < 0.25:
            inner = self.function(depth + 1)
            if inner.kind == "STR" and not inner.many:
                return inner
        return self.plain_field()

    def left(self):
        if self.rng.random() < 0.15:
            return self.function()
        if self.rng.random() < 0.07:
            return next(field for field in self.fields if field.name == "evt.type")
        if self.rng.random() < 0.1:
            return self.rng.choice([field for field in self.fields if field.name in NAMES])
        kind = self.rng.choice(["STR", "STR", "STR", "STR", "INT", "BOOL", "IP", "PORT", "BYTES", "HOST"])
        return self.rng.choice(self.by_kind[kind])

    def right_side(self, left):
        """A function or a field in val(), of the left's type; None if there is none."""
        numbers = ("INT", "PORT")
        same = [f for f in self.fields if not f.many and f.name != "evt.type" and f.kind != "HOST"
                and (f.kind == left.kind or (f.kind in numbers and left.kind in numbers))]
        if left.kind in ("STR", "INT") and self.rng.random() < 0.5:
            for _ in range(9):
                made = self.function()
                if made.kind == left.kind and not made.many:
                    return made
        if not same:
            return None
        field = self.rng.choice(same)
        return Val(field.name, field.kind, written=field.written)

    def check(self):
        rng = self.rng
        left = self.left()
        name = getattr(left, "name", "")
        if rng.random() < 0.07:
            return Check(left, "exists")
        ops = [op for op in KINDS[left.kind] if name != "evt.type" or op in ("=", "==", "!=", "in", "intersects")]
        operator = rng.choices(ops, [SINGLE.get(op) or LISTED[op] for op in ops])[0]
        tight = operator in ("=", "==", "!=", "<", "<=", ">", ">=") and rng.random() < 0.2
        if operator in LISTED:
            bare, items = self.items(left, operator)
            return Check(left, operator, items, None, bare)
        if operator in WITH_FUNCTION and left.kind != "HOST" and name != "evt.type" and rng.random() < 0.12:
            right = self.right_side(left)
            if right and not (name == "fd.name" and operator in ("=", "==", "!=")):
                return Check(left, operator, right, None, False, tight)
        if rng.random() < 0.15 and (operator in ("=", "!=") or left.kind in ("STR", "BYTES")) and name != "evt.type" \
           and left.kind != "HOST" and operator not in ("==",):
            bare, items = self.items(left, operator)
            return Check(left, operator, items, rng.choice(["oneof", "anyof", "allof"]), bare)
        return Check(left, operator, [self.literal(left, operator)], None, True, tight)

    def items(self, left, operator):
        """What stands in a list, and whether it is a name without parentheses."""
        rng = self.rng
        usable = [name for name, kind in self.kinds.items() if kind == self.list_kind(left, operator)]
        if usable and rng.random() < 0.15:
            return True, [ListName(rng.choice(usable))]
        items = [self.literal(left, operator) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 8, 9, 30]))]
        if usable and rng.random() < 0.2:
            items.insert(rng.randrange(len(items) + 1), ListName(rng.choice(usable)))
        if items and rng.random() < 0.1:
            items.append(items[0])
        return False, items

    def list_kind(self, left, operator):
        if operator in ("regex", "bcontains", "bstartswith") or getattr(left, "name", "") == "evt.type":
            return None
        return left.kind

    # Conditions.

    def condition(self, depth=0):
        rng = self.rng
        roll = rng.random()
        if depth >= 4 or roll < 0.35 + 0.15 * depth:
            if self.world.macros and rng.random() < 0.1:
                return Macro(rng.choice(list(self.world.macros)))
            return self.check()
        if roll < 0.5 + 0.15 * depth:
            return Not(self.condition(depth + 1))
        parts = [self.condition(depth + 1) for _ in range(rng.choice([2, 2, 3, 4]))]
        return Join(rng.choice(["and", "or"]), parts, rng.random() < 0.15)

    # Files.

    def lists(self):
        """Sections of lists of each kind, some of others."""
        rng, out = self.rng, []
        for n in range(8):
            field = rng.choice(self.by_kind[["STR", "STR", "INT", "IP", "PORT", "STR", "BYTES", "IP"][n]])
            if field.name == "evt.type":
                field = self.by_kind["STR"][-1]
            name = f"list_{n}"
            self.kinds[name], self.models[name] = None, field  # not of any kind while its own items are made
            _, items = self.items(field, "=")
            self.kinds[name] = field.kind
            self.world.lists[name] = items
            out.append(b"[list " + name.encode() + b"]\nitems = " + b", ".join(item.text() for item in items) + b"\n")
        return out

    def definitions(self):
        rng, out = self.rng, self.lists()
        for n in range(6):
            name = f"macro_{n}"
            condition = self.condition(2)
            out.append(b"[macro " + name.encode() + b"]\ncondition = " + condition.text() + b"\n")
            self.world.macros[name] = condition
        for n in range(8):
            name = f"list_{n}"
            if rng.random() < 0.2:
                more = [self.literal(self.models[name], "=")]
                self.world.lists[name] = self.world.lists[name] + more
                out.append(b"[override list " + name.encode() + b"]\nitems += " + more[0].text() + b"\n")
            elif rng.random() < 0.1:
                self.world.lists[name] = self.world.lists[name][:2]
                text = b", ".join(item.text() for item in self.world.lists[name])
                out.append(b"[override list " + name.encode() + b"]\nitems = " + text + b"\n")
        for n in range(6):
            name = f"macro_{n}"
            if rng.random() < 0.2:
                word, more = rng.choice(["and", "or"]), self.simple(2)
                self.world.macros[name] = appended(self.world.macros[name], word, more)
                out.append(b"[override macro " + name.encode() + b"]\ncondition += " + word.encode() + b" " + more.text() + b"\n")
            elif rng.random() < 0.1:
                self.world.macros[name] = self.simple(2)
                text = self.world.macros[name].text()
                out.append(b"[override macro " + name.encode() + b"]\ncondition = " + text + b"\n")
        return out

    def simple(self, depth):
        """A condition without macros."""
        macros, self.world.macros = self.world.macros, {}
        made = self.condition(depth)
        self.world.macros = macros
        return made


def folded(text, rng):
    """A condition over several lines: blanks outside of strings become ends of lines, or more blanks."""
    out, quote, at = b"", None, 0
    while at < len(text):
        sign = text[at : at + 1]
        if quote:
            if sign == b"\\":
                out += text[at : at + 2]
                at += 2
                continue
            quote = None if sign == quote else quote
        elif sign in (b"'", b'"'):
            quote = sign
        elif sign == b" " and text[at + 1 : at + 2] not in (b";", b"#") and rng.random() < 0.1:
            out += rng.choice([b"\n\t", b"\n  ", b"  ", b"\t", b"\n\t; a remark's \"line\n\t"])
            at += 1
            continue
        out += sign
        at += 1
    return out
