"""The smallest catalog that other files can refer to: one team, one service, two environments."""

ENVIRONMENTS = "environments:\n  production: {production: true}\n  staging: {}\n"
TEAM = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-lms}
"""
LMS = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: lms}
spec: {type: service, owner: team-lms}
"""
