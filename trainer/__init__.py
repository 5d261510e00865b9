"""Fit, evaluate and question the gaze-supervised vision-language model."""
