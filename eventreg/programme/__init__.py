"""What happens where: rooms now, sessions and the timetable when the programme exists."""
