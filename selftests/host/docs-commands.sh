#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What README.md and the pages in reStructuredText show to be typed is run by a test: by
# docs_test.sh, or else by the one that is named here.  What they name in passing is there: verbs
# and options of the command, targets of make, files.  The labs are about files of the kernel,
# too, and have tests of their own; translations show what their originals do.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

# spans: what stands between backquotes, outside of blocks, a line each
find "$root/README.md" "$root/Documentation" \( -name labs -o -name translations \) -prune -o \
	\( -name '*.md' -o -name '*.rst' \) -print >"$tmp/files"
while IFS= read -r file; do
	# shellcheck disable=SC2016 # what is not to be expanded is the point
	sed '/^```/,/^```$/d' "$file" | tr '\n' ' ' | grep -oE '`+[^`]+`+' | tr -d '`'
done <"$tmp/files" | sort -u >"$tmp/spans"

# options VERB...: those that it tells, short and long, a line each
options() {
	run "$@" --help
	printf '%s\n' "$out" | grep -oE '^ +-[^ ]+(, -[^ ]+)*' | grep -oE -e '--?[a-zA-Z-]+'
}

# known ipcchan VERB WORD...: the verb is there, and each option
known() {
	verb=$2
	shift 2
	sub=''
	case "$verb ${1-}" in
	"bench compare" | "bench rank") sub=$1 ;;
	esac
	run help "$verb"
	[ "$rc" -eq 0 ] || return
	# shellcheck disable=SC2086 # none, or a word
	options "$verb" $sub >"$tmp/options"
	for word; do
		case $word in
		-*) grep -qxe "${word%%=*}" "$tmp/options" || return ;;
		esac
	done
}

unknown='' n=0
grep '^ipcchan [a-z]' "$tmp/spans" >"$tmp/commands"
while IFS= read -r span; do
	n=$((n + 1))
	# shellcheck disable=SC2086 # words
	known $span </dev/null || unknown="$unknown '$span'"
done <"$tmp/commands"
err="the command does not know:$unknown"
[ -z "$unknown" ] && [ "$n" -ge 5 ]
ok $? "verbs and options of the command that are named"

unknown='' n=0
# shellcheck disable=SC2013 # they are words
for target in $(sed -n 's/^make \([a-z-]*\).*/\1/p' "$tmp/spans" "$root/README.md" | sort -u); do
	n=$((n + 1))
	grep -qE "^$target(%|[ :])" "$root/Makefile" || unknown="$unknown $target"
done
err="the Makefile does not have:$unknown"
[ -z "$unknown" ] && [ "$n" -ge 5 ]
ok $? "targets of make that are named"

# Below the root, or what the text is about.
unknown='' n=0
# shellcheck disable=SC2013
for path in $(sed -n 's/^\([a-zA-Z][a-zA-Z0-9_.-]*\/[^ :]*\).*/\1/p' "$tmp/spans" | sort -u); do
	case $path in
	build/* | *'*'* | *'<'*) continue ;;
	esac
	n=$((n + 1))
	for folder in . user/lib user/cli user/cli/bench user/dist selftests include/uapi Documentation; do
		[ ! -e "$root/$folder/$path" ] || continue 2
	done
	unknown="$unknown $path"
done
err="not there:$unknown"
[ -z "$unknown" ] && [ "$n" -ge 20 ]
ok $? "files that are named"

# outside: commands that are not for the guest of docs_test.sh; the test that runs them; what of
# it does.  Or -, and why there is none.
outside() {
	cat <<-'EOF'
	make demo | selftests/run-check.sh | vm/demo.sh
	make check | selftests/run-check-all.sh | start check
	make | selftests/run-check.sh | "$ROOT" all
	make deb && sudo apt install ./build/deb/*.deb | selftests/run-install.sh | dist/deb.sh
	make deb | selftests/run-install.sh | dist/deb.sh
	sudo apt install ./build/deb/*.deb | selftests/vm/install.sh | apt install "${debs[@]
	sudo modprobe ipcchan | selftests/vm/install-guest.sh | systemd-modules-load
	sudo usermod -aG ipcchan "$USER" | selftests/vm/install-guest.sh | --groups="$group"
	make && sudo make install | selftests/host/install.sh | make install DESTDIR
	sudo make install | selftests/host/install.sh | make install DESTDIR
	sudo make install-user install-dkms | selftests/host/install.sh | make install-dkms DESTDIR
	sudo make uninstall | selftests/host/install.sh | make uninstall DESTDIR
	sudo mokutil --import /var/lib/dkms/mok.pub | - | takes firmware that verifies
	sudo reboot | - | and who sits before it
	cp Documentation/syzkaller/*.txt $SYZ/sys/linux/ | selftests/host/fuzz-describe.sh | docs.awk
	cp include/uapi/linux/ipcchan*.h $LINUX/include/uapi/linux/ | selftests/host/fuzz-describe.sh | docs.awk
	cd $SYZ | selftests/host/fuzz-describe.sh | docs.awk
	make extract TARGETOS=linux SOURCEDIR=$LINUX FILES="ipcchan.txt ipcchan_netlink.txt" | selftests/host/fuzz-describe.sh | docs.awk
	make fuzz SECONDS=3600 | selftests/run-check-debug.sh | fuzz/run.sh
	build/selftests/fuzz/fuzz --help | selftests/host/fuzz-programs.sh | run --help
	EOF
}

# untested FILE...: commands that they show and no test runs, a line each
untested() {
	: >"$tmp/shown"
	for file; do
		awk -f "$root/selftests/ipcchan/docs.awk" -v want=outside "$file" >>"$tmp/shown"
	done
	outside | sed 's/ | .*//' | grep -vxFf - "$tmp/shown"
}

# shellcheck disable=SC2046 # there are no blanks in these paths
err=$(untested $(cat "$tmp/files"))
[ -z "$err" ] && [ "$(wc -l <"$tmp/shown")" -ge 5 ]
ok $? "commands that are shown and not for the guest have a test"
err=$(outside | while IFS='|' read -r command test text; do
	test=$(echo "$test" | tr -d ' ')
	grep -qxF "${command% }" "$tmp/shown" || echo "not shown: $command"
	[ "$test" = - ] || grep -qF -e "${text# }" "$root/$test" || echo "not in $test:$text"
done)
[ -z "$err" ]
ok $? "each is shown, and that test does run it"

# Another one would be seen.
cat "$root/README.md" - >"$tmp/more.md" <<'EOF'
```sh
make nothing
ipcchan frobnicate
```
EOF
printf '%s\n' 'Text::' '' '	frobnicate --now   # and then' >"$tmp/more.rst"
[ "$(untested "$tmp/more.md" "$tmp/more.rst" | tr '\n' ,)" = "make nothing,frobnicate --now," ] &&
	awk -f "$root/selftests/ipcchan/docs.awk" -v want=session "$tmp/more.md" |
	grep -qxF '$ ipcchan frobnicate'
ok $? "another one is found"

done_testing
