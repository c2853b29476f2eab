// The one function of jStat that is used; the package has no types of its own.
declare module 'jstat' {
  const jstat: {
    readonly studentt: {
      /** Quantile `p` in (0, 1) of Student's t distribution. */
      inv(p: number, degreesOfFreedom: number): number;
    };
  };
  export default jstat;
}
