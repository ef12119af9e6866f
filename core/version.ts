/** Version of this package, told with heartbeats. A unit test holds it to package.json. */
export const VERSION = '0.1.0';
