{{- /* The schema lets an empty id through, so that this message is what a person reads. */}}
{{- define "infra-operator.clusterId" -}}
{{- $id := required "clusterId is required: it names this Kubernetes cluster in the owner tags of its AWS repositories, for ever. Choose 1 to 32 characters of a-z, 0-9 and -, such as --set clusterId=prod-eu-1." .Values.clusterId | toString }}
{{- if not (regexMatch "^[a-z0-9-]{1,32}$" $id) }}
{{- fail (printf "clusterId is '%s': it must be 1 to 32 characters of a-z, 0-9 and -." $id) }}
{{- end }}
{{- $id }}
{{- end }}
