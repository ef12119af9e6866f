import { companionConfig } from './companion-eslint.mjs';

export default companionConfig();
