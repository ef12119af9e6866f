/** English texts of the accounts page that tell of what is coming. */
export const accountStrings = {
	search: 'Search accounts',
	noMatch: (search: string) => `No account is like "${search}"`,
	showAll: 'Show all accounts',
	needYou: (count: number) => (count === 1 ? '1 account needs you' : `${count} accounts need you`),
	atRisk: (count: number) => (count === 1 ? '1 post is at risk' : `${count} posts are at risk`),
	nextPost: 'The next post is at risk',
	from: 'From',
	post: 'See the post',
	renewed: 'renewed by itself',
	ends: 'The access ends soon and cannot be renewed without you',
	ended: 'The access has ended',
	endsRemedy:
		'Connect the account again before then: what works now keeps working until the new access is saved.',
	endedRemedy: 'Connect the account again. Posts wait for it meanwhile.',
};
