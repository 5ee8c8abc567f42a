// SPDX-License-Identifier: GPL-2.0
/* The style sheet of the page: light, dark, narrow and printed. */
#include "page.h"

/*
 * The colours differ for those who see few of them, too; each has a contrast of 3 at least
 * to what is behind it, and of letters of 4.5.
 */
#define LIGHT \
	"--paper:#fff;--ink:#1c2127;--soft:#59626d;--grid:#e2e6ea;--card:#f6f7f9;--line:#d4d9de;" \
	"--warn:#fff4d6;--warn-ink:#6b4a00;--link:#0b63b5;" \
	"--c0:#0068b4;--c1:#c8500a;--c2:#00805a;--c3:#a8327d;--c4:#8a6a00;--c5:#5b4bc4;" \
	"--c6:#2f7f93;--c7:#444c55;--c8:#8b949e;"

#define DARK \
	"--paper:#14181d;--ink:#e6e9ec;--soft:#a3adb8;--grid:#2b323a;--card:#1b2027;" \
	"--line:#39424c;--warn:#3b2f10;--warn-ink:#f5d98a;--link:#7ab8f5;" \
	"--c0:#5eb1f7;--c1:#ff9a57;--c2:#3fcf9c;--c3:#f08ac8;--c4:#e3c34d;--c5:#ab9ffa;" \
	"--c6:#6fcbe0;--c7:#d0d6dc;--c8:#77818c;"

#define STYLE(n) \
	".m" #n "{fill:var(--c" #n ")}" \
	".h" #n "{fill:var(--paper);stroke:var(--c" #n ");stroke-width:1.6}" \
	".l" #n "{fill:none;stroke:var(--c" #n ");stroke-width:2;stroke-linejoin:round}\n"

const char page_style[] =
"<style>\n"
":root{color-scheme:light dark;" LIGHT "}\n"
"@media (prefers-color-scheme:dark){:root{" DARK "}}\n"
"*{box-sizing:border-box}\n"
"body{margin:0 auto;padding:1rem;max-width:56rem;background:var(--paper);color:var(--ink);"
"font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu Sans\",sans-serif;"
"overflow-wrap:break-word}\n"
"h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0}\n"
"h2{font-size:1.3rem;margin:2.5rem 0 .3rem;padding-top:.6rem;border-top:1px solid var(--line)}\n"
"h3{font-size:1rem;margin:0 0 .6rem}\n"
"p{margin:.4rem 0 1rem;max-width:46rem}\n"
".machine{font-size:1.05rem;color:var(--soft)}.small{font-size:.85rem;color:var(--soft)}\n"
".warning,.doubt{background:var(--warn);color:var(--warn-ink);border-radius:6px;"
"padding:.6rem .9rem}\n"
".doubt{font-size:.85rem;padding:.2rem .6rem;margin:0 0 .6rem;width:fit-content}\n"
".grade{display:flex;gap:1rem;background:var(--card);border:1px solid var(--line);"
"border-radius:6px;padding:.8rem 1rem;margin:1rem 0;font-size:.9rem}\n"
".grade>div{min-width:0;overflow-wrap:anywhere}\n"
".grade>b{font-size:2.4rem;line-height:1}.grade ul{margin:.3rem 0 0;padding-left:1.1rem}\n"
"figure{margin:1.2rem 0;padding:1rem;background:var(--paper);border:1px solid var(--line);"
"border-radius:8px}\n"
"svg{display:block;width:100%;height:auto;overflow:visible}svg.narrow{display:none}\n"
"svg text{fill:var(--ink);font:13px system-ui,-apple-system,\"Segoe UI\",Roboto,"
"\"DejaVu Sans\",sans-serif}\n"
"svg .tick{fill:var(--soft);font-size:12px}svg .head{font-weight:600}\n"
"svg .value{font-variant-numeric:tabular-nums}\n"
".grid{stroke:var(--grid);fill:none}.reach{stroke:var(--c8);fill:none;stroke-width:1}\n"
".range{stroke:var(--c0);fill:none;stroke-width:6;opacity:.35;stroke-linecap:round}\n"
".floor{stroke:var(--ink);fill:none;stroke-width:1.5;stroke-dasharray:2 4}\n"
".dashed{stroke-dasharray:7 4;stroke-width:1.5}\n"
STYLE(0) STYLE(1) STYLE(2) STYLE(3) STYLE(4) STYLE(5) STYLE(6) STYLE(7) STYLE(8)
".l8{stroke-width:1;opacity:.7}\n"
"rect{stroke:var(--paper);stroke-width:1}\n"
"summary{cursor:pointer;color:var(--link);font-size:.9rem;padding:.4rem 0}\n"
".scroll{overflow-x:auto;max-width:100%}\n"
"table{border-collapse:collapse;font-size:.82rem;font-variant-numeric:tabular-nums}\n"
"th,td{padding:.25rem .6rem;text-align:left;border-bottom:1px solid var(--grid);"
"vertical-align:top}\n"
"caption{text-align:left;color:var(--soft);padding:.2rem .6rem}\n"
"thead th{white-space:nowrap;color:var(--soft);font-weight:600}\n"
".n{text-align:right;white-space:nowrap}\n"
"caption~tbody td:first-child{white-space:nowrap}"
"caption~tbody td:nth-child(2):not(.n){min-width:12rem}\n"
".members th{font-weight:400;color:var(--soft)}.members td{overflow-wrap:anywhere}\n"
"@media (max-width:620px){svg.wide{display:none}svg.narrow{display:block}"
"body{padding:.7rem}figure{padding:.7rem .6rem}}\n"
"@media print{:root{color-scheme:light;" LIGHT "}"
"body{max-width:none;padding:0;font-size:11px}svg.wide{display:block}svg.narrow{display:none}"
"figure{border:0;padding:0;break-inside:auto}svg,h2,h3,tr{break-inside:avoid}"
"svg.wide{max-height:190mm}h2,h2+p,h3,.doubt,summary{break-after:avoid}summary{color:var(--soft)}"
"details::details-content{content-visibility:visible;block-size:auto}"
".scroll{overflow:visible}table{font-size:8px}th,td{padding:1px 3px}"
"caption~tbody td:nth-child(2):not(.n){min-width:0}caption~tbody td:first-child,"
"thead th,thead .n{white-space:normal}"
".warning,.doubt,.grade{border:1px solid var(--line)}}\n"
"</style>\n";
