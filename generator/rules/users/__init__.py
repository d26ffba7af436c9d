"""Rules of applications, users, their rights and quotas."""
