#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Completion in bash: what it offers where, with channels that a fake of the command lists.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=user/cli/ipcchan.bash
. "$root/user/cli/ipcchan.bash"

# Names that somebody may have meant ill, or that need to be quoted.
cat >"$tmp/channels" <<'JSON'
[{"id":1,"name":"news","kind":"queue"},{"id":2,"name":"my jobs","kind":"rpc"},
{"id":3,"name":"$(touch owned)","kind":"queue"},{"id":4,"name":"`touch owned`;x","kind":"queue"},
{"id":5,"name":"say \"hi\"","kind":"queue"},{"id":6,"name":null,"kind":"queue"},
{"id":7,"name":"a:b:c","kind":"queue"},{"id":8,"name":"bad\\xff","kind":"queue"},
{"id":9,"name":"grün","kind":"queue"},{"id":10,"name":"*","kind":"queue"}]
JSON
cat >"$tmp/ipcchan" <<SH
#!/bin/sh
case \$* in
"list --named --json") exec tr -d '\\n' <"$tmp/channels" ;;
esac
exec "$IPCCHAN" "\$@"
SH
chmod +x "$tmp/ipcchan"
cd "$tmp" || exit 1
rc='' err=''

# offers NAME WORD... = CANDIDATE...: completing the last word of the line offers these alone
offers() {
	local name=$1 want

	shift
	COMP_WORDS=(ipcchan)
	while [ "$1" != ==== ]; do
		COMP_WORDS+=("$1")
		shift
	done
	shift
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_ipcchan "$tmp/ipcchan" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	out=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
	want=$(printf '%s\n' "$@" | sort)
	[ "$out" = "$want" ]
	ok $? "$name"
}

mapfile -t verbs < <("$IPCCHAN" help | sed -n 's/^  \([a-z]*\) .*/\1/p')
offers "every verb, and help" '' ==== "${verbs[@]}" help
offers "verbs that begin so" s ==== send serve set show stats
offers "a verb after -j" -j mon ==== monitor
offers "options before a verb" --p ==== --pretty
offers "options of a verb" list --n ==== --named --numeric
offers "options of another" set x --max-m ==== --max-msg-size --max-msgs
offers "kinds" list --kind '' ==== queue broadcast rpc
offers "kinds after =" list --kind = r ==== rpc
offers "kinds right after =" create --kind = ==== queue broadcast rpc
offers "events, the last of several" monitor --event created,de ==== created,deleted created,detached
offers "what top sorts by" top --sort p ==== p50 p99
offers "on and off" set x --times '' ==== on off
# shellcheck disable=SC2016 # they are not to be expanded
offers "channels, quoted" show '' ==== news 'my\ jobs' '\$\(touch\ owned\)' \
	'\`touch\ owned\`\;x' 'say\ \"hi\"' a:b:c 'grün' '\*'
offers "a name with a blank" show 'my\ ' ==== 'my\ jobs'
offers "in single quotes" send "'\$(" ==== "\$(touch owned)"
offers "in double quotes, nothing that they would not keep" send '"' ==== news 'my jobs' \
	a:b:c 'grün' '*'
offers "after a colon" show a : ==== b:c
offers "after a colon and more" recv a : b : c ==== c
offers "channels for --channel" monitor --channel n ==== news
offers "no channel for a new one" create '' ==== ''
offers "numbers of claims" claims --quick 2 ==== 2 20 21 22 23 24
offers "verbs after help" help rep ==== report
[ ! -e owned ] && [ ! -e '?' ]
ok $? "nothing was run or written"

done_testing
