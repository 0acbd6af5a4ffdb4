"""What customers' loads say about their devices: cars, panels, heating and cooling, hot water."""
