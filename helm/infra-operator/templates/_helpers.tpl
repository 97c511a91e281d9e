{{- /* Names and labels. What is longer than a name may be ends in a hash, so that two of them stay two. */}}

{{- define "infra-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride }}
{{- end }}

{{- define "infra-operator.fullname" -}}
{{- $name := include "infra-operator.name" . }}
{{- $full := .Values.fullnameOverride }}
{{- if not $full }}
{{- $full = ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- end }}
{{- if gt (len $full) 43 }}
{{- $full = printf "%s-%s" (substr 0 34 $full | trimSuffix "-") (sha256sum $full | trunc 8) }}
{{- end }}
{{- $full }}
{{- end }}

{{- define "infra-operator.deploymentName" -}}
{{- printf "%s-controller-manager" (include "infra-operator.fullname" .) }}
{{- end }}

{{- define "infra-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "infra-operator.deploymentName" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- /* Outside the release's namespace its name alone may be another release's too. */}}
{{- define "infra-operator.roleName" -}}
{{- printf "%s:%s" .Release.Namespace (include "infra-operator.fullname" .) }}
{{- end }}

{{- /* The role in the release's own namespace, for what the silos keep there. */}}
{{- define "infra-operator.membershipRoleName" -}}
{{- printf "%s-membership" (include "infra-operator.fullname" .) }}
{{- end }}

{{- define "infra-operator.image" -}}
{{- $tagged := printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- ternary (printf "%s@%s" $tagged .Values.image.digest) $tagged (ne .Values.image.digest "") }}
{{- end }}

{{- define "infra-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "infra-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: controller-manager
{{- end }}

{{- define "infra-operator.labels" -}}
{{- $labels := dict "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_")
  "app.kubernetes.io/version" .Chart.AppVersion "app.kubernetes.io/managed-by" .Release.Service }}
{{- merge (fromYaml (include "infra-operator.selectorLabels" .)) $labels .Values.commonLabels | toYaml }}
{{- end }}
