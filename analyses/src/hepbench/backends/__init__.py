"""What analyses share that use the same framework: how its event loops are run on Dask, and in this process."""
