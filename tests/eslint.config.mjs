import { companionConfig } from '../scripts/companion-eslint.mjs';

export default companionConfig();
