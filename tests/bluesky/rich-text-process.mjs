/** What Bluesky's own library makes of texts: JSON list on stdin, JSON list on stdout. */
import { text } from 'node:stream/consumers';
import './from-pds.mjs';

const { RichText } = await import('@atproto/api');

const texts = JSON.parse(await text(process.stdin));
const read = texts.map((one) => {
	const rich = new RichText({ text: one });
	rich.detectFacetsWithoutResolution();
	return { facets: rich.facets ?? [], graphemes: rich.graphemeLength, bytes: rich.length };
});
process.stdout.write(JSON.stringify(read));
