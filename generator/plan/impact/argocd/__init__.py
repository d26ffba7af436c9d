"""What changes of Argo CD's own objects do."""
