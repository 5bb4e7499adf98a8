# SPDX-License-Identifier: BSD-2-Clause
"""Random events: a few processes, what they did before, and one act that rules are asked about.

Each event is the lines of a case of `tiercel test`, and the values that tiercel-rules(5) and `tiercel list fields`
promise for it: `facts` has a list for each field that is there. What can be told of fields in brackets and of
evt.arg.NAME stands there by its whole name, too; ANY_* name those that conditions may ask for.
"""

import copy
import ipaddress

from meaning import fits_glob, lies_in

NAMES = [b"sh", b"bash", b"sshd", b"cat", b"Ssh", b"a b", b"x", b"python3.12", b"systemd-journal", b"<NA>", b"b\xc3\xa4r", b"\xff",
         b"and", b"list_0", b"oneof"]
WORDS = [b"-c", b"-x", b"a", b"a b", b"/etc/passwd", b"it's", b'"q"', b"k=v", b"(x)", b"a,b", b"back\\slash", b"tab\there",
         b"line\nend", b"", b"aGVsbG8=", b"YWI=", b"QQ", b"A-Za", b"*", b"[a]", b"~ok", b";x", b"#y", b"\xe2\x82\xac",
         b"a:b", b"<x>", b"100%", b"!x", b"a|b", b"\\n", b"not", b"or", b"exists", b"list_1", b"[0]", b"-1", b"val"]
OPTIONS = [b"-c", b"-xc", b"-cx", b"-ca b", b"-x", b"--", b"-", b"--cx", b"-a", b"-a:", b"-a", b"-xaYWI=", b"-?"]
PATHS = [b"/etc/shadow", b"/etc/passwd", b"/etc", b"/", b"/etc/ssh/ssh_host_key", b"/usr/bin/cat", b"/tmp/a b", b"/tmp/x*",
         b"/dev/video0", b"/dev/video10", b"/tmp/A.TXT", b"/tmp/a.txt", b"/var/log/.hidden", b"/tmp/it's", b"/tmp/n\nl",
         b"/srv/b\xc3\xa4r", b"/srv/\xff\xfe", b"/tmp/back\\slash", b"/etcetera/shadow"]
DATA = [b"GET / HTTP/1.1", b"\xca\xfe\xba\xbe", b"a\nb", b"secret=1", b"\x7fELF", b"\xff\xff", b"CAFE", b"'q'"]
ADDRESSES = ["127.0.0.1", "10.0.0.1", "10.1.2.3", "192.0.2.7", "0.0.0.0", "255.255.255.255", "::1", "fe80::1", "2001:db8::7",
             "2001:db8:1::1", "::"]
PORTS = [0, 1, 22, 53, 80, 443, 8080, 40000, 65535]
HOSTS = {b"pool.example": ["192.0.2.7", "2001:db8::7"], b"a.example": ["10.0.0.1"], b"none.example": []}
LINKS = {b"/e": b"/etc", b"/var/tmp": b"/tmp", b"/bin": b"/usr/bin", b"/srv": b"/tmp", b"/etc": b"/usr", b"/l/k": b"/etc/ssh"}
HOSTS |= {address.encode(): [address] for address in ADDRESSES}
NUMBERS = [0, 1, 2, 3, 5, 10, 33, 1000, 34816, 65535, 2147483647]
ERRORS = {"ENOENT": 2, "EACCES": 13, "EPERM": 1, "EINVAL": 22, "EBUSY": 16}
USERS = {0: b"root", 33: b"www-data"}
GROUPS = {3: b"sys"}
LABELS = [b"app", b"io.x/y", b"role", b"built by", b"a=b"]
BOX = "4b5e57f6eb2f42b9039b3d1e13929295f231749c510cbe341cd68036d9af97e2"
VARIABLES = [b"HOME", b"PATH", b"LD_PRELOAD", b"NOSUCH"]


def quoted(value):
    """As the value of an argument in a case."""
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-"
    if value and all(byte in plain for byte in value):
        return value
    out = b""
    for byte in value:
        sign = bytes([byte])
        if sign in b"\"\\":
            out += b"\\" + sign
        elif byte < 0x20:
            out += b"\\x%02x" % byte
        else:
            out += sign
    return b'"' + out + b'"'


def several(values):
    return b"(" + b" ".join(quoted(value) for value in values) + b")"


class Process:
    """One that was there before the act."""

    def __init__(self, rng, who, parent):
        self.who, self.parent = who, parent
        self.known = True
        self.renew(rng)
        self.uid = rng.choice([0, 0, 33, 1000])
        some = lambda values: rng.choice(values) if rng.random() < 0.85 else None
        self.number = {key: some(NUMBERS) for key in ("gid", "tty", "pgid", "vpgid", "sid", "vpid")}
        self.number["loginuid"] = some([0, 33, 1000, -1])
        self.cgroup = rng.choice([b"/", b"/system.slice/x.service", b"/docker/" + BOX.encode()])

    def renew(self, rng):
        """A program starts in it."""
        self.exepath = rng.choice(PATHS[:11])
        self.comm = rng.choice(NAMES)
        self.argv = [rng.choice(NAMES + PATHS)] + [rng.choice(rng.choice([WORDS, OPTIONS])) for _ in range(rng.choice([0, 1, 1, 2, 3, 5]))]
        self.env = [var + b"=" + rng.choice(WORDS + PATHS) for var in VARIABLES[:3] if rng.random() < 0.5]
        self.cwd = rng.choice(PATHS)
        if rng.random() < 0.2:
            setattr(self, rng.choice(["exepath", "comm", "argv", "env", "cwd"]), None)

    def arguments(self):
        """As procinfo and execve have them."""
        out = b""
        for key in ("exepath", "comm", "argv", "env", "cwd", "cgroup"):
            value = getattr(self, key)
            said = b"<NA>" if value is None else several(value) if isinstance(value, list) else quoted(value)
            out += b" " + key.encode() + b"=" + said
        out += b" user=%d" % self.uid
        for key, value in self.number.items():
            said = b"<NA>" if value is None else b"0xffffffff" if value == -1 else b"%d" % value
            out += b" " + key.encode() + b"=" + said
        return out

    def exe(self):
        return self.argv[0] if self.argv else None

    def cmdline(self):
        return None if self.comm is None or self.argv is None else b" ".join([self.comm] + self.argv[1:])


class Event:
    def __init__(self):
        self.lines, self.facts = [], {}
        self.unsure = ()  # fields that begin so are not asked: the manual does not say
        self.mapped = False  # addresses of IPv4 are told as those of IPv6
        self.files, self.identity = {}, None  # device and inode by name, and of the event's file
        self.cwd = self.second = None  # second: the event as a rule reads it that is asked of the name that the caller gave
        self.links, self.others = [], []  # directories and links to them; a link, and the event by the name that has it

    def __call__(self, name):
        return self.facts.get(name, [])

    def is_file(self, name):
        """Is the file that fd.name names the one that had this name too?"""
        return self.identity is not None and self.files.get(name) == self.identity

    def put(self, **facts):
        """Facts by name, _ for the dot behind the first word: missing ones are None."""
        for name, value in facts.items():
            self.set(name.replace("_", ".", 1), value)

    def set(self, name, value):
        if value is not None:
            self.facts[name] = value if isinstance(value, list) else [value]


def add_process(ev, chain):
    """What is known of the process that acts, of its parent and of those above."""
    proc = chain[0]
    ev.put(proc_name=proc.comm, proc_exe=proc.exe(), proc_exepath=proc.exepath, proc_cmdline=proc.cmdline(), user_uid=proc.uid)
    if proc.cwd is not None:
        ev.put(proc_cwd=proc.cwd if proc.cwd == b"/" else proc.cwd + b"/")
    if proc.argv is not None:
        args = proc.argv[1:]
        ev.set("argv", args)
        ev.put(proc_args=b" ".join(args), proc_cmdnargs=len(args), proc_cmdlenargs=sum(map(len, args)), proc_exeline=b" ".join(proc.argv))
        for n in range(4):
            ev.set(f"proc.args[{n}]", args[n] if n < len(args) else b"")
    if proc.env is not None:
        ev.put(proc_env=b" ".join(proc.env))
        for var in VARIABLES:
            found = [one for one in proc.env if one.startswith(var + b"=")]
            ev.set(f"proc.env[{var.decode()}]", found[0].partition(b"=")[2] if found else b"")
    for key, value in proc.number.items():
        ev.set({"gid": "group.gid", "loginuid": "user.loginuid"}.get(key, "proc." + key), value)
    for key, number, names in (("group.name", proc.number["gid"], GROUPS), ("user.loginname", proc.number["loginuid"], USERS)):
        if number is not None:
            ev.set(key, names.get(number, b"<NA>"))
    ev.set("user.name", USERS.get(proc.uid, b"<NA>"))
    ways = {"name": lambda one: one.comm, "exe": Process.exe, "exepath": lambda one: one.exepath, "cmdline": Process.cmdline}
    for name, way in ways.items():
        for n, one in enumerate(chain):
            ev.set(f"proc.a{name}[{n}]", way(one))
        ev.set(f"proc.a{name}", [way(one) for one in chain[1:] if way(one) is not None])
        if chain[1:]:
            ev.set(f"proc.p{name}", way(chain[1]))
    whos = list(dict.fromkeys(line.split(b":")[0] for line in ev.lines))  # each gets the next number
    numbers = [1000 + whos.index(one.who) for one in chain]
    ev.put(proc_pid=numbers[0], proc_apid=numbers[1:])
    for n, number in enumerate(numbers):
        ev.set(f"proc.apid[{n}]", number)
    ev.put(proc_ppid=(numbers + [1])[1])
    if proc.comm is None:
        ev.put(proc_name=b"<NA>")
        ev.set("proc.aname[0]", b"<NA>")
    ev.unsure += tuple(f"proc.{which}cmdline" for which in "pa" if any(one.comm is None or one.argv is None for one in chain))
    if None in (proc.comm, proc.argv):
        ev.unsure += ("proc.cmdline", "proc.exeline", "proc.args")


def add_container(ev, rng, proc):
    if not proc.cgroup.startswith(b"/docker/"):
        ev.put(container_id=b"host", container_type=b"host", container_name=b"host")
        return
    short = BOX[:12].encode()
    ev.put(container_id=short, container_type=b"docker")
    if rng.random() < 0.3:
        return
    name, repository, tag = rng.choice(NAMES[:5]), b"docker.io/library/" + rng.choice(NAMES[:5]), rng.choice([b"1.25", b"latest"])
    mounts = [[rng.choice(PATHS[:9]), rng.choice(PATHS[:9]), b"ro", rng.choice([b"true", b"false"]), b"rprivate"]
              for _ in range(rng.choice([0, 1, 2, 3]))]
    labels = {label: rng.choice(WORDS) for label in LABELS if rng.random() < 0.5}
    privileged = rng.random() < 0.5
    ev.lines.append(b"e: containerinfo container=" + short + b" name=" + quoted(name) + b" image=" + repository + b":" + tag
                    + b" namespace=prod privileged=%d" % privileged + b" mounts=" + several([x for m in mounts for x in m])
                    + b" labels=" + several([x for pair in labels.items() for x in pair]))
    ev.put(container_name=name, container_image=repository + b":" + tag, container_privileged=privileged)
    ev.set("container.image.repository", repository)
    ev.set("container.image.tag", tag)
    ev.set("k8s.ns.name", b"prod")
    for label, value in labels.items():
        ev.set(f"container.label[{label.decode()}]", value)
    def mount(key):
        for n, one in enumerate(mounts):
            if key == str(n):
                return one, one
        by_source = [one for one in mounts if fits_glob(key.encode(), one[0])]
        by_dest = [one for one in mounts if fits_glob(key.encode(), one[1])]
        return by_source[0] if by_source else None, by_dest[0] if by_dest else None

    for key in MOUNT_KEYS:
        source, dest = mount(key)
        if source:
            ev.set(f"container.mount.dest[{key}]", source[1])
            ev.set(f"container.mount.rdwr[{key}]", source[3])
        if dest:
            ev.set(f"container.mount.source[{key}]", dest[0])


MOUNT_KEYS = ["0", "2", "/etc*", "/dev/video?", "/usr/bin/cat", "/tmp/a b"]


def add_result(ev, error, result):
    ev.put(evt_failed=error is not None, evt_res=error.encode() if error else b"SUCCESS", evt_rawres=-ERRORS[error] if error else result)


def failure(rng):
    return rng.choice(list(ERRORS)) if rng.random() < 0.3 else None


def roundabout(rng, path):
    """The same place, by way of others."""
    parts = path.split(b"/")
    for _ in range(rng.choice([1, 2])):
        parts.insert(rng.randrange(1, len(parts) + 1), rng.choice([b"", b".", b"x/.."]))
    return b"/".join(parts)


def cleaned(path):
    """What begins with / without "//", "/./" and "/x/..", by the text alone."""
    out = []
    for part in path.split(b"/"):
        if part == b"..":
            out = out[:-1]
        elif part not in (b"", b"."):
            out.append(part)
    return b"/" + b"/".join(out)


def as_named(ev, name):
    """The event, with another name in the place of the kernel's."""
    other = copy.copy(ev)
    other.facts = dict(ev.facts)
    add_file(other, name)
    for field in ("fs.path.name", "evt.arg.name"):
        other.set(field, name)
    return other


def opened(ev, rng):
    """open, openat, openat2, creat"""
    call = rng.choice(["open", "openat", "openat2", "creat"])
    error, fd = failure(rng), rng.choice([3, 4, 5, 100])
    name = rng.choice(PATHS)
    raw = rng.choice(PATHS + [name] + WORDS[4:10] + [b"link", b"./x*", b"../passwd", b"a/../../.."])
    if rng.random() < 0.3:
        raw = roundabout(rng, raw)
    access, more = rng.choice(["O_RDONLY", "O_WRONLY", "O_RDWR"]), [f for f in ("O_CREAT", "O_TRUNC", "O_CLOEXEC") if rng.random() < 0.3]
    mode = rng.choice([0, 0o600, 0o644, 0o755, 0o4711])
    if rng.random() < 0.15:
        raw = None
    line = call.encode() + b" fd=" + (error.encode() if error else b"%d" % fd) + b" name=" + quoted(name) + b" mode=0%o" % mode
    folder = ev.cwd
    if call.startswith("openat") and rng.random() < 0.5:
        dirfd, folder = rng.choice([(b"AT_FDCWD", ev.cwd), (b"8", rng.choice(PATHS)), (b"9", None)])
        line += b" dirfd=" + dirfd
        if dirfd == b"8":
            ev.lines.append(b"p: fdinfo fd=8 flags=O_RDONLY|O_DIRECTORY name=" + quoted(folder))
    if raw is not None:
        line += b" nameraw=" + quoted(raw)
    if call != "creat":
        line += b" flags=" + "|".join([access] + more).encode()
    if rng.random() < 0.4:
        for known in rng.sample(PATHS, 2):
            ev.files[known] = rng.choice([(5, 7), (5, 8), (6, 7)])
            ev.lines.append(b"f: fileinfo name=" + quoted(known) + b" dev=%d ino=%d" % ev.files[known])
        if not error:
            ev.identity = rng.choice([(5, 7), (5, 8), (6, 8)])
            line += b" dev=%d ino=%d" % ev.identity
    if rng.random() < 0.7:
        for link in rng.sample(sorted(LINKS), 4):
            ev.lines.append(b"f: linkinfo name=" + link + b" real=" + LINKS[link])
            if lies_in(name, LINKS[link]):
                ev.links.append((link, LINKS[link]))
    make = call == "creat" or "O_CREAT" in more
    add_result(ev, error, fd)
    ev.put(evt_type=call.encode(), fd_num=-1 if error else fd, fd_nameraw=raw, fd_typechar=b"f", fd_type=None if error else b"file")
    ev.set("evt.rawarg.mode", mode)
    ev.unsure += ("evt.arg.dev",)
    add_file(ev, name)
    ev.set("fs.path.name", name)
    ev.set("fs.path.nameraw", raw)
    if raw and not error and (raw.startswith(b"/") or folder):
        whole = cleaned(raw if raw.startswith(b"/") else folder + b"/" + raw)
        ev.set("fd.given", whole if whole != name else None)
    ev.set("evt.arg.name", name)
    ev.set("evt.is_open_read", call != "creat" and access != "O_WRONLY")
    ev.set("evt.is_open_write", call == "creat" or access != "O_RDONLY")
    ev.set("evt.is_open_create", make and not error)
    ev.set("evt.is_open_exec", make and mode & 0o111 != 0)
    return line


def add_file(ev, name):
    ev.put(fd_name=name, fd_directory=name.rpartition(b"/")[0] or b"/", fd_filename=name.rpartition(b"/")[2])


def used(ev, rng):
    """A call on a descriptor that was opened before."""
    name = rng.choice(PATHS)
    error = failure(rng)
    ev.lines.append(b"p: fdinfo fd=7 flags=O_RDWR name=" + quoted(name))
    add_file(ev, name)
    add_result(ev, error, 0)
    ev.put(evt_type=b"ftruncate", fd_num=7, fd_typechar=b"f", fd_type=b"file")
    ev.set("fs.path.name", name)
    ev.set("evt.arg.name", name)
    return b"ftruncate fd=7 name=" + quoted(name) + (b" res=" + error.encode() if error else b"")


def socket_ends(rng):
    family = rng.choice([4, 6])
    one = lambda: ipaddress.ip_address(rng.choice([a for a in ADDRESSES if (":" in a) == (family == 6)]))
    return one(), rng.choice(PORTS[1:]), one(), rng.choice(PORTS[1:])


def add_socket(ev, proto, ends, local_is_client):
    local, lport, remote, rport = ends
    at = lambda ip, port: (f"[{ip}]:{port}" if ip.version == 6 else f"{ip}:{port}").encode()
    ev.put(fd_name=b"->".join((at(local, lport), at(remote, rport))[:: 1 if local_is_client else -1]))
    ev.put(fd_typechar=str(local.version).encode(), fd_type=f"ipv{local.version}".encode(), fd_sockfamily=b"ip", fd_l4proto=proto)
    ev.put(fd_lip=local, fd_rip=remote, fd_lnet=local, fd_rnet=remote, fd_lport=lport, fd_rport=rport)
    ev.put(fd_ip=[local, remote], fd_net=[local, remote], fd_port=[lport, rport])
    mine, other = ("c", "s") if local_is_client else ("s", "c")
    for end, ip, port in ((mine, local, lport), (other, remote, rport)):
        ev.set(f"fd.{end}ip", ip)
        ev.set(f"fd.{end}net", ip)
        ev.set(f"fd.{end}port", port)
        ev.set(f"fd.{end}ip.name", ip)
    ev.set("fd.lip.name", local)
    ev.set("fd.rip.name", remote)
    ev.set("fd.ip.name", [local, remote])
    ev.put(fd_is_server=not local_is_client)
    def mapped(ip, port):
        return b"[::ffff:%s]:%d" % (str(ip).encode(), port) if ev.mapped and ip.version == 4 else at(ip, port)

    return proto + b":" + mapped(local, lport) + b"->" + mapped(remote, rport)


def connected(ev, rng):
    ends, proto = socket_ends(rng), rng.choice([b"tcp", b"udp"])
    tuple_ = add_socket(ev, proto, ends, True)
    add_result(ev, None, 0)
    ev.put(evt_type=b"connect", fd_num=5, fd_connected=True)
    return b"connect fd=5 tuple=" + tuple_


def accepted(ev, rng):
    ends = socket_ends(rng)
    call = rng.choice([b"accept", b"accept4"])
    tuple_ = add_socket(ev, b"tcp", ends, False)
    add_result(ev, None, 6)
    ev.put(evt_type=call, fd_num=6)
    return call + b" fd=6 tuple=" + tuple_


def sent(ev, rng):
    ends, data = socket_ends(rng), rng.choice(DATA)
    tuple_ = add_socket(ev, b"udp", ends, True)
    size = len(data) + rng.choice([0, 10])
    add_result(ev, None, len(data))
    ev.put(evt_type=b"sendto", fd_num=5, evt_buffer=data)
    ev.set("evt.rawarg.size", size)
    ev.facts.pop("fd.is_server")
    for key in list(ev.facts):
        if key.startswith(("fd.c", "fd.s")) and key != "fd.sockfamily":
            del ev.facts[key]
    return b"sendto res=%d fd=5 size=%d data=" % (len(data), size) + quoted(data) + b" tuple=" + tuple_


def unix(ev, rng):
    path, error = rng.choice(PATHS[:9]), rng.choice([None, "EACCES"])
    add_result(ev, error, 0)
    ev.put(evt_type=b"connect", fd_num=5, fd_typechar=b"u", fd_type=b"unix", fd_sockfamily=b"unix", fd_name=path)
    ev.put(fd_is_server=False)
    return b"connect fd=5 tuple=" + quoted(b"unix:" + path) + (b" res=" + error.encode() if error else b"")


def renamed(ev, rng):
    old, new, error = rng.choice(PATHS), rng.choice(PATHS), failure(rng)
    call = rng.choice(["rename", "renameat", "link", "linkat"])
    add_result(ev, error, 0)
    ev.put(evt_type=call.encode())
    for name, value in (("fs.path.source", old), ("fs.path.target", new), ("evt.arg.oldpath", old), ("evt.arg.newpath", new)):
        ev.set(name, value)
    return call.encode() + b" oldpath=" + quoted(old) + b" newpath=" + quoted(new) + (b" res=" + error.encode() if error else b"")


def named(ev, rng):
    path, error = rng.choice(PATHS), failure(rng)
    call, arg = rng.choice([("unlink", "path"), ("unlinkat", "name"), ("rmdir", "path"), ("mkdir", "path"), ("chmod", "filename"),
                            ("truncate", "path")])
    add_result(ev, error, 0)
    ev.put(evt_type=call.encode())
    ev.set("fs.path.name", path)
    ev.set("evt.arg." + arg, path)
    return call.encode() + b" " + arg.encode() + b"=" + quoted(path) + (b" res=" + error.encode() if error else b"")


def listened(ev, rng):
    add_result(ev, None, 0)
    ev.put(evt_type=b"listen", fd_num=9)
    backlog = rng.choice(NUMBERS[:8])
    ev.set("evt.rawarg.backlog", backlog)
    ev.set("evt.arg.backlog", b"%d" % backlog)
    ev.unsure += ("fd.",)
    return b"listen fd=9 backlog=%d" % backlog


def not_started(ev, rng):
    path, error = rng.choice(PATHS), rng.choice(list(ERRORS))
    add_result(ev, error, 0)
    ev.put(evt_type=b"execve")
    ev.set("evt.arg.filename", path)
    ev.unsure += ("proc.",)  # a case fills in what procinfo made missing
    return b"execve res=" + error.encode() + b" filename=" + quoted(path)


def mounted(ev, rng):
    dev, place, error = rng.choice(PATHS), rng.choice(PATHS), failure(rng)
    add_result(ev, error, 0)
    ev.put(evt_type=b"mount")
    ev.set("evt.arg.dev", dev)
    ev.set("evt.arg.dir", place)
    return b"mount dev=" + quoted(dev) + b" dir=" + quoted(place) + (b" res=" + error.encode() if error else b"")


ACTS = [not_started, mounted, opened, opened, opened, used, connected, connected, accepted, sent, unix, renamed, named, listened]


def make(rng):
    ev = Event()
    ev.mapped = rng.random() < 0.2
    ev.lines = [b"u: userinfo uid=0 name=root", b"u: userinfo uid=33 name=www-data", b"u: groupinfo gid=3 name=sys"]
    for name, addresses in HOSTS.items():
        ev.lines.append(b"h: hostinfo name=" + name + b" addresses=(" + " ".join(addresses).encode() + b")")
    chain = []
    for n in range(rng.choice([1, 2, 3, 4])):
        proc = Process(rng, b"p" if n == 0 else b"a%d" % n, None)
        chain.append(proc)
    for n in range(len(chain) - 1, -1, -1):
        parent = b" parent=" + chain[n + 1].who if n + 1 < len(chain) else b""
        ev.lines.append(chain[n].who + b": procinfo" + parent + chain[n].arguments())
    add_container(ev, rng, chain[0])
    if rng.random() < 0.2:
        chain[0].renew(rng)
        line = b"execve" + chain[0].arguments()
        add_result(ev, None, 0)
        ev.put(evt_type=b"execve")
    else:
        ev.cwd = chain[0].cwd
        line = rng.choice(ACTS)(ev, rng)
    add_process(ev, chain)
    for flag in ("read", "write", "exec", "create"):
        ev.facts.setdefault("evt.is_open_" + flag, [False])
    ev.set("evt.dir", b"<")
    ev.lines.append(b"p: " + line)
    if ev("fd.given"):
        ev.second = as_named(ev, ev("fd.given")[0])
    for link, real in ev.links if ev("container.id") in ([], [b"host"]) else ():  # a container has links of its own
        ev.others.append((link, real, as_named(ev, link + ev("fd.name")[0][len(real) :])))
    return ev
