"""The call for workshops: proposals, who stands behind them, and how they become complete."""
