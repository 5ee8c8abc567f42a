#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The netlink spec says what the uapi header says: names, values and types.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

# Debian's, whatever else is called python3
python=/usr/bin/python3
spec=$root/Documentation/netlink/specs/ipcchan.yaml
header=$root/include/uapi/linux/ipcchan_netlink.h

# generate SPEC >FILE: a C file that does not compile where they differ
generate() {
	"$python" - "$1" "$header" <<'END'
import re
import sys

import yaml

spec = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
header = open(sys.argv[2], encoding="utf-8").read()


def c(name):
    """A name as C has it."""
    return name.upper().replace("-", "_")


def same(name, value):
    """A line that compares."""
    print(f'_Static_assert({name} == {value}, "{name}");')


print("#include <linux/ipcchan.h>\n#include <linux/ipcchan_netlink.h>")
print(f'_Static_assert(sizeof(IPCCHAN_GENL_NAME) == sizeof("{spec["name"]}"), "name");')
for number, group in enumerate(spec["mcast-groups"]["list"]):
    print(f'_Static_assert(sizeof(IPCCHAN_GENL_EVENTS) == sizeof("{group["name"]}"), "");')
for op, operation in enumerate(spec["operations"]["list"], 1):
    same(c("ipcchan-cmd-" + operation["name"]), op)
same("IPCCHAN_CMD_MAX", len(spec["operations"]["list"]))
for definition in spec["definitions"]:
    if definition["type"] == "const":
        same(c("ipcchan-" + definition["name"]), definition["value"])
    for value, entry in enumerate(definition.get("entries", []), definition.get("value-start", 0)):
        if definition["type"] == "flags":
            value = 1 << value
        same(c(f"ipcchan-{definition['name']}-{entry}"), value)
for attrs in spec["attribute-sets"]:
    prefix = attrs["name-prefix"]
    same(f"__{c(prefix)}MAX", len(attrs["attributes"]) + 1)
    for value, attr in enumerate(attrs["attributes"], 1):
        name = c(prefix + attr["name"])
        same(name, value)
        # The header has the type at the beginning of the comment, or it is text.
        said = re.search(rf"\b{name},\s*/\* (?:likewise\W*)?(u32|u64|nest)\b", header)
        if said and said.group(1) != attr["type"]:
            print(f'#error "{name}: {attr["type"]}, header {said.group(1)}"')
END
}

compiles() {
	"${CC:-cc}" -fsyntax-only -I"$root/include/uapi" -x c "$1" 2>"$tmp/errors"
}

generate "$spec" >"$tmp/all.c" && compiles "$tmp/all.c"
ok $? "the spec agrees with the header"
sed 's/^/# /' "$tmp/errors" | head -n 20

# It would be seen if it did not.
differs() {
	sed "$1" "$spec" >"$tmp/other.yaml"
	! cmp -s "$spec" "$tmp/other.yaml" && generate "$tmp/other.yaml" >"$tmp/other.c" &&
		! compiles "$tmp/other.c" && grep -q "$2" "$tmp/errors"
	ok $? "another $3 is found"
}

differs 's/name: max-bytes/name: most-bytes/' IPCCHAN_A_MOST_BYTES "name"
differs 's/drop-oldest, drop-newest/drop-newest, drop-oldest/' IPCCHAN_SLOW_DROP "value"
differs '/name: endpoints$/{n;s/u32/u64/}' 'IPCCHAN_A_ENDPOINTS: u64' "type"

done_testing
