"""What Argo CD itself needs: rendered/argocd/."""
