"""What the data is: records, columns, file names, clocks, geometry, heatmaps; light to import."""
