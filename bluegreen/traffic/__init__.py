"""How traffic moves. One file per kind; what they do in AWS is in `bluegreen/aws/traffic`."""
