{{/* The name of all objects: the release's, unless it is overridden. */}}
{{- define "tokenpipe.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "tokenpipe.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "tokenpipe.name" .) -}}
{{- end }}

{{/* The Secret with the webhook's certificate. */}}
{{- define "tokenpipe.tlsSecretName" -}}
{{- if eq .Values.certificate.mode "secret" -}}
{{- required "certificate.secret.name: must name a Secret with tls.crt, tls.key and ca.crt where certificate.mode is secret" .Values.certificate.secret.name -}}
{{- else if eq .Values.certificate.mode "cert-manager" -}}
{{- /* Another one: Helm would not take over what cert-manager made. */ -}}
{{- include "tokenpipe.name" . }}-cert-manager
{{- else -}}
{{- include "tokenpipe.name" . }}-tls
{{- end -}}
{{- end }}

{{/* Whether the webhook keeps the caBundle of its own configuration. */}}
{{- define "tokenpipe.publishes" -}}
{{- if or (eq .Values.certificate.mode "self-signed") (and (eq .Values.certificate.mode "secret") .Values.certificate.secret.publish) -}}
true
{{- end -}}
{{- end }}

{{- define "tokenpipe.testNamespace" -}}
{{- .Values.test.namespace | default (print (include "tokenpipe.name" .) "-test") -}}
{{- end }}

{{- define "tokenpipe.image" -}}
{{- required "image.repository: must name the webhook's image, because none is published yet; build it as Images in the chart's README shows (--set image.repository=REGISTRY/tokenpipe)" .Values.image.repository -}}
{{- if .Values.image.digest -}}@{{ .Values.image.digest }}{{- else -}}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end -}}
{{- end }}

{{- define "tokenpipe.selectorLabels" -}}
app.kubernetes.io/name: tokenpipe
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tokenpipe.labels" -}}
{{ include "tokenpipe.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
