"""From smart-meter readings to a demand-response program: load-shape segments, targets and a report."""
