import { TOP_LEVEL_DOMAINS } from '../../content/top-level-domains';

/** In the root zone since the list of X was frozen. */
const ADDED = ['amazon', 'kids', 'music', 'spa'];

/** Gone from the root zone since then. */
const GONE = `
abarth active adac afamilycompany aigo alfaromeo an avianca bananarepublic bentley bl blanco bnl
boots bq budapest bugatti cancerresearch cartier caseih cbs ceb chloe chrysler cityeats comcast
cookingchannel csc dabur dodge doha doosan duck dunlop duns eh epost esurance etisalat everbank
fiat flsmidth foodnetwork frontdoor fujixerox glade goodhands guardian hgtv honeywell hoteles htc
iinet intel iselect iveco iwc jcp jlc kerrylogistics kinder ladbrokes lancaster lancia lancome
liaison linde lipsy lixil loft lupin macys maserati mcd mcdonalds meo metlife mf mobily montblanc
mopar movistar mtpc mutual mutuelle nadex nationwide natura newholland northwesternmutual off
oldnavy onion onyourside orientexpress pamperedchef panerai passagens piaget pramerica qvc raid
redstone rightathome rmit rocher sapo sca scjohnson scor ses shaw showtime shriram spiegel
spreadbetting srt starhub statoil swiftcover symantec telecity telefonica tiffany tp
travelchannel uconnect um vista vistaprint volkswagen vuelos warman xfinity xperia zippo
`;

/** ASCII endings of the package `tlds` (of 2026) that `@atproto/api` 0.21.0 knows bare domains by. */
const ENDINGS: ReadonlySet<string> = new Set(
	TOP_LEVEL_DOMAINS.filter((ending) => !GONE.trim().split(/\s+/).includes(ending)).concat(ADDED),
);

/** Does a name end as a public domain does? Lower case only, as in Bluesky's own app. */
export function isDomain(name: string): boolean {
	const dot = name.lastIndexOf('.');
	return dot > 0 && ENDINGS.has(name.slice(dot + 1));
}
