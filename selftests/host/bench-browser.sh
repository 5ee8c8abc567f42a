#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The page in a browser: nothing is complained of, every picture can be seen, on a phone
# nothing is wider than that, it follows a dark screen, and it can be printed. Pictures of
# it are left where the results of the tests are.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/host/bench-results.sh
. "$tap_dir/bench-results.sh"

command -v jq >/dev/null || skip_all "needs jq"
command -v chromium >/dev/null ||
	skip_all "needs a browser: selftests/vm/setup.sh browser installs it"
shots=${O:-$tmp}
dark=--blink-settings=preferredColorScheme=0

# browser OPTION...: what it prints is $out, what it complains of $err
browser() {
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--hide-scrollbars --no-first-run --user-data-dir="$tmp/profile" \
		--enable-logging=stderr "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	out=$(cat "$tmp/out")
	err=$(grep -F CONSOLE "$tmp/err")
}

# seen WIDTH OPTION...: $out is what the page says of itself, all of it shown, $err what the
# browser complains of. The browser's window has a least width, and a frame has none.
seen() {
	cat >"$tmp/script" <<-'EOF'
		<script>addEventListener("load", () => {
			document.querySelectorAll("details").forEach(d => d.open = true);
			const svgs = [...document.querySelectorAll("figure svg")];
			const seen = svgs.filter(s => s.getBoundingClientRect().width > 0 &&
				s.getBoundingClientRect().height > 0);
			const cut = seen.filter(s => [...s.querySelectorAll("text")].some(t =>
				t.getBoundingClientRect().right > s.getBoundingClientRect().right + 1 ||
				t.getBoundingClientRect().left < s.getBoundingClientRect().left - 1));
			parent.postMessage(`pictures ${seen.length} cut ${cut.length} over ` +
				Math.max(0, document.documentElement.scrollWidth - innerWidth) +
				` paper ${getComputedStyle(document.body).backgroundColor}`, "*");
		})</script>
	EOF
	sed "/<\/body>/{
		r $tmp/script
		N
	}" "$tmp/html" >"$tmp/inner.html"
	printf '%s\n' "<body style='margin:0'><iframe style='border:0;width:$1px;height:4000px'" \
		"src='inner.html'></iframe><script>onmessage = e => document.title = e.data</script>" \
		>"$tmp/frame.html"
	shift
	browser --dump-dom "$@" "file://$tmp/frame.html"
	out=$(printf '%s\n' "$out" | sed -n 's/.*<title>\(.*\)<\/title>.*/\1/p')
}

# shot NAME FILE OPTION...: a picture of it
shot() {
	picture=$shots/bench-browser-$1.png
	page=$2
	shift 2
	rm -f "$picture"
	browser --window-size=1000,3000 --screenshot="$picture" "$@" "file://$page"
	[ "$rc" -eq 0 ] && [ -z "$err" ] && [ -s "$picture" ]
}

"$IPCCHAN" bench -t pipe,futex,signal -s 64,1K -n 3000 -r 1 -p same --json "$tmp/json" >/dev/null &&
	rich <"$tmp/json" >"$tmp/rich" &&
	"$IPCCHAN" bench report "$tmp/rich" --html "$tmp/html"
ok $? "a page"
whole="pictures $RICH_FIGURES cut 0 over 0"
seen 1000
[ "$rc" -eq 0 ] && [ -z "$err" ] && [ "$out" = "$whole paper rgb(255, 255, 255)" ]
ok $? "every picture is seen, whole"
seen 360 $dark
[ "$rc" -eq 0 ] && [ -z "$err" ] && [ "$out" = "$whole paper rgb(20, 24, 29)" ]
ok $? "on a narrow, dark screen, too, and nothing is wider"
shot phone "$tmp/frame.html"
ok $? "a picture of it on a phone"
cp "$tmp/html" "$tmp/page.html"
shot light "$tmp/page.html"
ok $? "on a light screen"
shot dark "$tmp/page.html" $dark &&
	! cmp -s "$shots/bench-browser-dark.png" "$shots/bench-browser-light.png"
ok $? "and on a dark one, which looks different"
browser --print-to-pdf="$tmp/pdf" "file://$tmp/page.html"
[ "$rc" -eq 0 ] && [ -z "$err" ] && [ -s "$tmp/pdf" ]
ok $? "it can be printed"
done_testing
