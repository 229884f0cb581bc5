/** The browsers that the build made the scripts for, in words. */
declare const BROWSERS: string;
