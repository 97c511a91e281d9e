{{- /* What the control plane calls: one list, for the ClusterRole and for the Role in each watched namespace. */}}
{{- define "infra-operator.rules" -}}
- apiGroups: [aws-infra-operator.runner.codes]
  resources: [awsproviders, ecrrepositories]
  verbs: [get, list, watch, patch]
- apiGroups: [aws-infra-operator.runner.codes]
  resources: [awsproviders/status, ecrrepositories/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}
