import type { Response } from 'express';
import type { Platform } from '../records';

export const PLATFORM_NAMES: Record<Platform, string> = {
	x: 'X',
	linkedin: 'LinkedIn',
	instagram: 'Instagram',
};

/** Text that is safe inside HTML text and quoted attributes. */
export function escapeHtml(text: string): string {
	return text
		.replace(/&/g, '&amp;')
		.replace(/</g, '&lt;')
		.replace(/>/g, '&gt;')
		.replace(/"/g, '&quot;')
		.replace(/'/g, '&#39;');
}

/** Sends a whole page. `main` must be escaped already; scripts are refused by the page's policy. */
export function sendPage(
	res: Response,
	status: number,
	page: { title: string; platform?: Platform; main: string },
): void {
	const accent = page.platform ?? 'none';
	res.status(status).set({
		'content-type': 'text/html; charset=utf-8',
		'content-security-policy':
			"default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
		// `no-referrer` would turn the Origin of the consent form into `null`.
		'referrer-policy': 'same-origin',
		'x-content-type-options': 'nosniff',
		'cache-control': 'no-store',
	}).end(`<!doctype html>
<html lang="en" data-platform="${accent}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(page.title)} · MuseKit sandbox</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="bar">
<a class="home" href="/">MuseKit <span class="tag">Sandbox</span></a>
<p>A stand-in on this machine. Nothing here is on the real network.</p>
</header>
<main id="main">${page.main}</main>
</body>
</html>
`);
}

const STYLE = `
:root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#16181d;--soft:#5a6170;--line:#e1e4ea;--accent:#4f46e5;--on:#fff;--warn-bg:#fff4d6;--warn:#6b4700;--shadow:0 1px 2px #1018280f,0 1px 3px #1018281a}
@media (prefers-color-scheme:dark){:root{--bg:#0e1014;--card:#171a21;--ink:#eceef3;--soft:#a0a8b8;--line:#2a2f3a;--accent:#a5b0ff;--on:#10131a;--warn-bg:#3a2d06;--warn:#ffdf8f;--shadow:none}}
[data-platform=linkedin]{--accent:#0a66c2}
[data-platform=instagram]{--accent:#c01f72}
[data-platform=x]{--accent:#16181d}
@media (prefers-color-scheme:dark){[data-platform=linkedin]{--accent:#70b5f9}[data-platform=instagram]{--accent:#ff8ac2}[data-platform=x]{--accent:#eceef3}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--accent);text-underline-offset:.15em}
a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:6px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:1}
.bar{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;padding:.6rem 1.25rem;background:var(--warn-bg);color:var(--warn);font-size:.875rem}
.bar p{margin:0}
.home{font-weight:700;color:inherit;text-decoration:none}
.tag{font-size:.7rem;letter-spacing:.08em;text-transform:uppercase;border:1px solid currentcolor;border-radius:99px;padding:.1rem .5rem;margin-left:.35rem}
main{max-width:40rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;line-height:1.25;margin:0}
h2{font-size:1.1rem;margin:2rem 0 .75rem}
.muted{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:16px;padding:1.1rem 1.25rem;box-shadow:var(--shadow);margin:0 0 1rem}
.person{display:flex;gap:.9rem;align-items:center}
.person p{margin:0}
.avatar{flex:none;width:3rem;height:3rem;border-radius:50%;background:var(--accent);color:var(--on);display:grid;place-items:center;font-weight:700;font-size:1.15rem}
[data-platform=linkedin] .avatar.square{border-radius:12px}
.post .avatar{width:2.5rem;height:2.5rem;font-size:1rem}
.post .text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.9rem 0 0}
.name{font-weight:650}
figure{margin:.9rem 0 0}
.pictures{display:grid;gap:.5rem}
.pictures.many{grid-template-columns:1fr 1fr}
.pictures img{display:block;width:100%;max-height:32rem;object-fit:cover;border-radius:12px;border:1px solid var(--line);background:var(--bg)}
figcaption{font-size:.85rem;color:var(--soft);margin-top:.35rem}
.meta{display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.85rem;color:var(--soft);margin:.9rem 0 0;padding-top:.7rem;border-top:1px solid var(--line)}
.meta a{color:inherit}
.deleted{border-style:dashed;box-shadow:none}
.deleted .text{color:var(--soft);text-decoration:line-through}
.badge{font-size:.75rem;font-weight:600;border:1px solid currentcolor;border-radius:99px;padding:.05rem .55rem}
ul.plain{list-style:none;margin:0;padding:0}
.row{display:flex;justify-content:space-between;gap:1rem;align-items:center;text-decoration:none;color:inherit}
.row:hover .name{text-decoration:underline}
form fieldset{border:1px solid var(--line);border-radius:12px;padding:.75rem 1rem;margin:1rem 0}
legend{font-weight:650;padding:0 .35rem}
label{display:block;padding:.3rem 0}
input[type=text]{font:inherit;width:100%;padding:.5rem .7rem;border:1px solid var(--soft);border-radius:10px;background:var(--bg);color:inherit;margin-top:.25rem}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}
button{font:inherit;font-weight:650;border-radius:99px;border:1px solid var(--accent);padding:.6rem 1.4rem;cursor:pointer;background:var(--card);color:var(--accent)}
button.main{background:var(--accent);color:var(--on)}
code{font-size:.9em;overflow-wrap:anywhere}
`;
