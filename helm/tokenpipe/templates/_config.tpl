{{/* A map without what is empty: absent means the webhook's own default. */}}
{{- define "tokenpipe.present" -}}
{{- $present := dict -}}
{{- range $key, $value := . -}}
{{- if kindIs "map" $value -}}
{{- $inner := include "tokenpipe.present" $value | fromYaml -}}
{{- if $inner -}}{{- $_ := set $present $key $inner -}}{{- end -}}
{{- else if not (or (kindIs "invalid" $value) (and (has (kindOf $value) (list "string" "slice")) (empty $value) (ne $key "audience"))) -}}
{{- $_ := set $present $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $present -}}
{{- end }}

{{/* The operator's file, all but what stands below `server`. */}}
{{- define "tokenpipe.config" -}}
{{- $_ := required "vault.address: must be the address of a Vault, such as https://vault.vault.svc:8200 (helm install --set vault.address=…)" .Values.vault.address -}}
{{- if hasKey .Values.connections "default" -}}
{{- fail "connections.default: the connection of this name stands below vault" -}}
{{- end -}}
connections:
  default:
    {{- include "tokenpipe.present" .Values.vault | nindent 4 }}
  {{- range $name, $connection := .Values.connections }}
  {{ $name }}:
    {{- include "tokenpipe.present" $connection | nindent 4 }}
  {{- end }}
images:
  {{- with include "tokenpipe.envExecImage" . }}
  envExec: {{ . }}
  {{- end }}
  agent: {{ .Values.images.agent }}
  {{- with .Values.images.mirrors }}
  mirrors: {{ toJson . }}
  {{- end }}
  {{- with .Values.images.pullPolicy }}
  pullPolicy: {{ . }}
  {{- end }}
delivery: {{ .Values.delivery }}
defaults:
  {{- include "tokenpipe.present" (omit .Values.defaults "runAsUser") | nindent 2 }}
  runAsUser: {{ .Values.defaults.runAsUser | int64 | default "null" }}
resources:
  {{- toYaml .Values.injectedResources | nindent 2 }}
{{- with .Values.cluster.kubernetesVersion }}
kubernetesVersion: {{ . | quote }}
{{- end }}
cluster:
  {{- if kindIs "bool" .Values.cluster.restartAllContainers }}
  restartAllContainers: {{ .Values.cluster.restartAllContainers }}
  {{- end }}
  {{- if .Values.cluster.probe }}
  probeNamespace: {{ .Release.Namespace }}
  {{- end }}
  listNodes: {{ .Values.cluster.listNodes }}
  interval: {{ .Values.cluster.interval }}
{{- end }}

{{- define "tokenpipe.envExecImage" -}}
{{- if and (not .Values.images.envExec) (ne .Values.delivery "agent-image") -}}
{{- fail "images.envExec: must name the image with env-exec, because none is published yet; build it as Images in the chart's README shows (--set images.envExec=REGISTRY/env-exec:TAG)" -}}
{{- end -}}
{{- .Values.images.envExec -}}
{{- end }}

{{/* What belongs together: the webhook, and the image by which env-exec reaches pods. */}}
{{- define "tokenpipe.release" -}}
{{- $carrier := include "tokenpipe.envExecImage" . -}}
{{- if eq .Values.delivery "agent-image" -}}{{- $carrier = .Values.images.agent -}}{{- end -}}
{{- print (include "tokenpipe.image" .) " " .Values.delivery " " $carrier -}}
{{- end }}

{{/* What takes effect at a start alone. */}}
{{- define "tokenpipe.server" -}}
release: {{ include "tokenpipe.release" . | quote }}
{{- /* IPv6 and IPv4: some clusters give pods the one, most the other. */}}
listen: "[::]:8443"
listenMetrics: "[::]:9090"
tls:
  {{- if eq .Values.certificate.mode "cert-manager" }}
  files:
    certificate: /etc/tokenpipe/tls/tls.crt
    key: /etc/tokenpipe/tls/tls.key
  {{- else }}
  secret:
    name: {{ include "tokenpipe.tlsSecretName" . }}
    namespace: {{ .Release.Namespace }}
    {{- if include "tokenpipe.publishes" . }}
    webhookConfiguration: {{ include "tokenpipe.name" . }}
    {{- end }}
    interval: {{ .Values.certificate.selfSigned.interval }}
    {{- if eq .Values.certificate.mode "self-signed" }}
    issue:
      dnsNames:
        - {{ include "tokenpipe.name" . }}.{{ .Release.Namespace }}.svc
      {{- omit .Values.certificate.selfSigned "interval" | toYaml | nindent 6 }}
    {{- end }}
  {{- end }}
{{- if .Values.webhook.clientCA }}
clientCaFile: /etc/tokenpipe/config/client-ca.crt
{{- end }}
limits:
  {{- include "tokenpipe.present" .Values.limits | nindent 2 }}
{{- end }}
