#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the reference says against what the headers and the module say.

man_pages.py ROOT CHECK prints a line for each difference.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
MAN = ROOT / "Documentation/man"
UAPI = ROOT / "include/uapi/linux"
SECTIONS = ["NAME", "LIBRARY", "SYNOPSIS", "DESCRIPTION", "RETURN VALUE", "ERRORS",
            "ATTRIBUTES", "EXAMPLES", "SEE ALSO"]
# said once for all ioctls
COMMON = {"EFAULT", "ENOTCONN", "ENOTTY"}
# out-of-line parts of inline functions, as the headers count them
COUNTS = {"is": 1, "two": 2, "three": 3}


def read(path):
    return path.read_text(encoding="utf-8")


def words(text):
    return " ".join(text.split())


def errnos(text):
    text = re.sub(r"\bEPOLL\w+|\bEXCL\b|instead\W+of -E\w+", "", text)
    return set(re.findall(r"\bE(?:[A-Z0-9]{3,}|IO)\b", text))


def kernel_doc(path):
    """Name: (text, what is declared behind it), of functions, structures and enums."""
    found = re.finditer(r"/\*\*\n \* (?:struct |enum |typedef )?(\w+)(?:\(\))? - (.*?)\*/\n"
                        r"(.*?[;{])", read(path), re.S)
    return {m[1]: (m[2], m[3].rstrip("{; \n")) for m in found}


def functions():
    """Public functions: name, kernel-doc, prototype."""
    out = {}
    for header in sorted((ROOT / "user/lib").glob("ipcchan*.h")) + \
            sorted((ROOT / "user/lib/ipcchan").glob("*.h")):
        text = read(header)
        hidden = set()
        for begin in re.finditer(r"/\* The next (\w+) .*?out-of-line.*?\*/", text):
            count = COUNTS[begin[1]]
            names = re.findall(r"^ \* (\w+)\(\) - ", text[begin.end():], re.M)
            hidden.update(names[:count])
        for name, (doc, declared) in kernel_doc(header).items():
            if name + "(" in declared and name not in hidden:
                out[name] = doc, words(declared.replace("static inline ", ""))
    return out


def pages(section):
    """Name: text, links followed."""
    out = {}
    for path in (MAN / f"man{section}").glob("*"):
        text = read(path)
        if text.startswith(".so "):
            target = MAN / text[4:].strip()
            text = read(target) if target.exists() else ""
        out[path.stem] = text
    return out


def part(text, name, kind="SH"):
    """What is in one section of a page."""
    end = "SH" if kind == "SH" else "S[SH]"
    found = re.search(rf"^\.{kind} {re.escape(name)}\n(.*?)(?=^\.{end} |\Z)", text, re.S | re.M)
    return found[1] if found else ""


def plain(text):
    """Without macros of fonts and escapes."""
    out = []
    for line in text.splitlines():
        macro = re.match(r"\.(B|I|BI|BR|IB|IR|RB|RI) (.*)", line)
        if macro:
            args = re.findall(r'"((?:[^"]|"")*)"|(\S+)', macro[2])
            line = ("" if len(macro[1]) > 1 else " ").join((a or b) for a, b in args)
        out.append(re.sub(r"\\f.", "", line).replace("\\-", "-").replace("\\&", ""))
    return "\n".join(out)


def named(text):
    return plain(part(text, "NAME")).split(" - ")[0].split(", ")


def check_functions():
    man = pages(3)
    for name, (_, prototype) in functions().items():
        text = man.get(name)
        if not text:
            yield f"{name}() has no page"
            continue
        if name not in [word.strip() for word in named(text)]:
            yield f"{name}() is not in the NAME of its page"
        if words(prototype) + ";" not in words(plain(part(text, "SYNOPSIS"))):
            yield f"{name}(): not in SYNOPSIS: {prototype};"
        description = plain(part(text, "DESCRIPTION"))
        for argument in re.findall(r"(\w+)[,)]", prototype.split("(", 1)[1]):
            # the handle, which all of them have
            if argument not in ("chan", "ring", "slots", "void") and \
                    not re.search(rf"\b{argument}\b", description):
                yield f"{name}() does not tell what {argument} is"


def structure(text, name):
    """The fields of a structure, without comments."""
    found = re.search(rf"^struct {name} {{\n(.*?)^}};", text, re.S | re.M)
    return words(re.sub(r"/\*.*?\*/", "", found[1], flags=re.S)) if found else None


def check_pages():
    headers = "".join(read(path) for folder in ("include/uapi/linux", "user/lib")
                      for path in (ROOT / folder).rglob("*.h"))
    known = set(functions()) | {"ipcchan", "libipcchan", "ipcchan_handler", "ipcchan_bell",
                                "ipcchan_bring_attach"}
    for name, text in pages(3).items():
        if not text:
            yield f"{name}.3 is a link to nothing"
            continue
        if name not in known:
            yield f"{name}.3 is of nothing that the headers have"
        has = re.findall(r"^\.SH (.*)", text, re.M)
        if name not in ("ipcchan", "libipcchan") and has != SECTIONS:
            yield f"{name}.3 has the sections {', '.join(has)}"
        for other in named(text):
            if other.strip() not in pages(3):
                yield f"{name}.3 names {other}, which is no page"
        for struct in re.findall(r"^struct (\w+) {$", plain(text), re.M):
            if structure(plain(text), struct) != structure(headers, struct):
                yield f"{name}.3: struct {struct} differs"


def check_links():
    """Whatever a page refers to is there."""
    there = {(path.stem, path.suffix[1:]) for path in MAN.glob("man*/*")}
    for path in sorted(MAN.glob("man*/*")):
        for name, section in re.findall(r"\b(ipcchan[a-z_-]*) ?\((\d)\)",
                                        plain(read(path)).replace('"', "")):
            if (name, section) not in there:
                yield f"{path.name} refers to {name}({section})"


def said(name, docs, seen):
    """The errors of a function, and of what it refers to."""
    if name in seen or name not in docs:
        return set()
    seen.add(name)
    out = errnos(docs[name])
    for other in re.findall(r"\b(ipcchan_\w+)", docs[name].split("Return:")[-1]):
        out |= said(other, docs, seen)
    return out


def check_errors():
    docs = {name: doc for name, (doc, _) in functions().items()}
    for header in UAPI.glob("*.h"):
        docs.update({name: doc for name, (doc, _) in kernel_doc(header).items()
                     if name not in docs})
    done = set()
    for name, text in pages(3).items():
        if name in ("ipcchan", "libipcchan") or not text or text in done:
            continue
        done.add(text)
        told = set(re.findall(r"^\.T[PQ]\n\.B (E\w+)$", part(text, "ERRORS"), re.M))
        must, may = set(), set()
        for function in named(text):
            function = function.strip()
            must |= errnos(docs.get(function, "").split("Return:")[-1])
            may |= said(function, docs, set())
        page = named(text)[0]
        for error in sorted(told - may):
            yield f"{page}(3): {error} is not in the header"
        for error in sorted(must - told):
            yield f"{page}(3): {error} is in the header, and not here"


def check_ioctls():
    headers = "".join(read(UAPI / f"{name}.h") for name in ("ipcchan", "ipcchan_buf"))
    docs = {}
    for name in ("ipcchan", "ipcchan_buf"):
        docs.update(kernel_doc(UAPI / f"{name}.h"))
    man = "".join(pages(4).values())
    ioctls = re.findall(r"define (IPCCHAN_IOC_\w+)\s+_IOWR\(.*struct (\w+)\)", headers)
    for name, struct in ioctls:
        text = plain(part(man, name, "SS"))
        if not text:
            yield f"{name} is not there"
    for struct in sorted({struct for _, struct in ioctls} | {"ipcchan_msghdr"}):
        if structure(plain(man), struct) != structure(headers, struct):
            yield f"struct {struct} differs"
        names = [name for name, of in ioctls if of == struct]
        told = errnos("".join(plain(part(man, name, "SS")).split("Errors:")[-1]
                              for name in names if "Errors:" in part(man, name, "SS")))
        has = errnos(docs[struct][0].split("Errors:")[-1]
                     if "Errors:" in docs[struct][0] else "")
        for error in sorted((told ^ has) - COMMON):
            yield f"{' and '.join(names)}: {error} is not in both"
    for name in re.findall(r"^#define (IPCCHAN_\w+)\s+\S|^\t(IPCCHAN_\w+) = ", headers, re.M):
        name = "".join(name)
        if not re.search(rf"\b{name}\b", plain(man + "".join(pages(7).values()))):
            yield f"{name} is in no page"


def check_netlink():
    page = plain(pages(7)["ipcchan-netlink"])
    for name in re.findall(r"^\t(IPCCHAN_\w+)|^#define (IPCCHAN_\w+)\s+[^(\s]",
                           read(UAPI / "ipcchan_netlink.h"), re.M):
        name = "".join(name)
        if not re.search(r"_(UNSPEC|PAD)$", name) and not re.search(rf"\b{name}\b", page):
            yield f"{name} is not told"


def parameters():
    """Name: default, as a page has it."""
    out = {}
    for source in (ROOT / "kmod").glob("*.c"):
        text = read(source)
        for name, where, item in re.findall(r"^module_param_named\((\w+), (\w+)(?:\[(\w+)\])?,",
                                            text, re.M):
            value = re.search(rf"\[{item}\] = ([\d* ]+),", text) if item else \
                re.search(rf"{where} = ([\d* ]+);", text)
            number = 1
            for factor in value[1].split("*") if value else ["0"]:
                number *= int(factor)
            out[name] = str(number)
        # the one that is not decimal
        if "module_param_cb(dev_mode," in text:
            out["dev_mode"] = re.search(r"^\t\.mode = (0\d+),", text, re.M)[1]
    return out


def check_parameters():
    page = plain(part(pages(4)["ipcchan"], "MODULE PARAMETERS"))
    abi = read(ROOT / "Documentation/ABI/testing/sysfs-module-ipcchan")
    there = parameters()
    for name, value in there.items():
        if not re.search(rf"^ ?{name}\n[^.]*\(default {value}\b", page, re.M):
            yield f"ipcchan(4) does not tell {name}, and {value}"
        entry = re.search(rf"/sys/module/ipcchan/parameters/{name}\n(.*?)(?=^What:|\Z)", abi,
                          re.S | re.M)
        if not entry or not re.search(rf"default\s+{value}\b", entry[1]):
            yield f"sysfs-module-ipcchan does not tell {name}, and {value}"
    for name in re.findall(r"/sys/module/ipcchan/parameters/(\w+)", abi):
        if name not in there:
            yield f"sysfs-module-ipcchan tells {name}, which is not there"


def check_abi():
    for path in (ROOT / "Documentation/ABI/testing").glob("*"):
        for entry in read(path).split("What:")[1:]:
            missing = [field for field in ("Date", "KernelVersion", "Contact", "Description",
                                           "Users") if f"\n{field}:" not in entry]
            if missing:
                yield f"{path.name}: {words(entry)[:40]} has no {', '.join(missing)}"
    keys = set()
    for name in ("fdinfo", "arena_show"):
        keys.update(re.findall(r"ipcchan-([a-z-]+):", read(ROOT / f"kmod/{name}.c")))
    abi = read(ROOT / "Documentation/ABI/testing/dev-ipcchan")
    for key in sorted(keys):
        if not re.search(rf"\bipcchan-{key}\b", abi):
            yield f"dev-ipcchan does not tell ipcchan-{key}"


def check_rst():
    text = read(ROOT / "Documentation/userspace-api/ipcchan.rst")
    for path, names in re.findall(r"^\.\. kernel-doc:: (\S+)\n((?: +.*\n)+)", text, re.M):
        asked = set(names.split(":identifiers:")[-1].split())
        has = set(kernel_doc(ROOT / path)) if (ROOT / path).exists() else set()
        for name in sorted(asked ^ has):
            yield f"{path}: {name} is not in both"


for complaint in globals()["check_" + sys.argv[2]]():
    print(complaint)
