"""environments/ -> one resolved document per environment, every value tied to where it was written."""
