"""Gaze recordings of radiologists, turned into Parquet datasets."""
