"""Alarms are tested before they are trusted."""
