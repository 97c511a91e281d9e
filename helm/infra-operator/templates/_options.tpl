{{/*
Options as environment variables, named as .NET configuration reads them: a member by its name, an entry of a list by its number. What is
empty is left out, so that the program's default holds.
*/}}
{{- define "infra-operator.options" -}}
{{- $name := .name -}}
{{- if kindIs "map" .value -}}
{{- range $option, $value := .value }}
{{- include "infra-operator.options" (dict "name" (printf "%s__%s%s" $name (substr 0 1 $option | upper) (substr 1 -1 $option)) "value" $value) }}
{{- end }}
{{- else if kindIs "slice" .value -}}
{{- range $index, $value := .value }}
{{- include "infra-operator.options" (dict "name" (printf "%s__%d" $name $index) "value" $value) }}
{{- end }}
{{- else if ne (toString .value) "" }}
- name: {{ $name }}
  value: {{ (and (kindIs "float64" .value) (eq (toString (floor .value)) (toString .value))) | ternary (int64 .value) .value | toString | quote }}
{{- end }}
{{- end -}}
