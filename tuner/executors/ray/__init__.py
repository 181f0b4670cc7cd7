"""Jobs on Ray, on this machine or a cluster."""
