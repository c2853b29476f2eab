"""hepbench, the Python side: everything that executes inside Dask, and the data and truth it is judged by."""
