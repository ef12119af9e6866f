const { spawn } = require('node:child_process');
const { rm } = require('node:fs/promises');
const { dest, parallel, series, src } = require('gulp');

/** Binary files must not be decoded: gulp 5 reads UTF-8 unless told otherwise. */
const asBytes = { encoding: false, base: '.' };

function clean() {
	return rm('dist', { recursive: true, force: true });
}

function compile() {
	return spawn(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.json'], {
		stdio: 'inherit',
	});
}

function assets() {
	return src(
		['{nodes,credentials}/**/*.{svg,png}', 'nodes/**/*.node.json', 'nodes/**/__schema__/**/*.json'],
		asBytes,
	).pipe(dest('dist'));
}

function templates() {
	return src('workflows/*.json', asBytes).pipe(dest('dist'));
}

exports.clean = clean;
exports.build = series(clean, compile, parallel(assets, templates));
