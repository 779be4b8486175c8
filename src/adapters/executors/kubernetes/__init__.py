"""The Kubernetes executor: hands the work to a cluster, and follows it there."""
