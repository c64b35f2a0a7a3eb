"""Who has come in: devices, scans, what the door shows. Words: device, scan, verdict."""
