#!/bin/sh
# Run once by the image of InfluxDB, after it has made the organisation and the lasting bucket.
set -eu
influx bucket create --org "$DOCKER_INFLUXDB_INIT_ORG" --name "$HEPBENCH_RAW_BUCKET" --retention "$HEPBENCH_RAW_RETENTION"
