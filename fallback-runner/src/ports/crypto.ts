// Both carriers use the very same code on the vault.
export { createCryptoPort } from '../../../nodes/SocialPost/transport/crypto-port';
