{{/* The operator's selector of namespaces, or the label that opts in. */}}
{{- define "tokenpipe.chosenSelector" -}}
{{- if .Values.webhook.namespaceSelector -}}
{{- toYaml .Values.webhook.namespaceSelector -}}
{{- else -}}
matchLabels:
  tokenpipe.dev/injection: enabled
{{- end -}}
{{- end }}

{{/* Labels that a namespace is selected with, of those that somebody may give it. */}}
{{- define "tokenpipe.selectedLabels" -}}
{{- $selector := include "tokenpipe.chosenSelector" . | fromYaml -}}
{{- $labels := dict -}}
{{- range $selector.matchExpressions -}}
{{- if has .operator (list "In" "Exists") -}}
{{- $_ := set $labels .key (.values | default (list "") | first) -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := merge ($selector.matchLabels | default dict) $labels -}}
{{- if not (hasPrefix "kubernetes.io/" $key) }}
{{ $key }}: {{ $value | quote }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Whether a namespace must also have one of some names. */}}
{{- define "tokenpipe.selectsNames" -}}
{{- $selector := include "tokenpipe.chosenSelector" . | fromYaml -}}
{{- $name := "kubernetes.io/metadata.name" -}}
{{- range $selector.matchExpressions -}}
{{- if and (eq .key $name) (eq .operator "In") -}}true{{- end -}}
{{- end -}}
{{- if hasKey ($selector.matchLabels | default dict) $name -}}true{{- end -}}
{{- end }}

{{/* The namespaces whose pods the API server sends to the webhook. */}}
{{- define "tokenpipe.namespaceSelector" -}}
{{- $selector := include "tokenpipe.chosenSelector" . | fromYaml -}}
{{- $excluded := append .Values.webhook.excludedNamespaces .Release.Namespace | uniq | sortAlpha -}}
{{- $others := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" $excluded -}}
{{- $expressions := append ($selector.matchExpressions | default list) $others -}}
{{- toYaml (merge (dict "matchExpressions" $expressions) $selector) -}}
{{- end }}

{{/* The same as a CEL expression over a map of labels, for the policy: a binding can select
namespaces, but not all others. */}}
{{- define "tokenpipe.selectorExpression" -}}
{{- $selector := include "tokenpipe.namespaceSelector" . | fromYaml -}}
{{- $terms := list -}}
{{- range $key, $value := $selector.matchLabels -}}
{{- $terms = append $terms (printf "(%q in variables.labels && variables.labels[%q] == %q)" $key $key $value) -}}
{{- end -}}
{{- range $selector.matchExpressions -}}
{{- $is := printf "(%q in variables.labels)" .key -}}
{{- if has .operator (list "In" "NotIn") -}}
{{- $is = printf "(%q in variables.labels && variables.labels[%q] in %s)" .key .key (toJson .values) -}}
{{- end -}}
{{- $terms = append $terms (ternary (print "!" $is) $is (has .operator (list "NotIn" "DoesNotExist"))) -}}
{{- end -}}
{{- join " && " $terms -}}
{{- end }}

{{/* The terms of a selector, each as JSON. */}}
{{- define "tokenpipe.selectorTerms" -}}
{{- $terms := list -}}
{{- range $key, $value := .matchLabels -}}
{{- $terms = append $terms (toJson (dict $key $value)) -}}
{{- end -}}
{{- range .matchExpressions -}}
{{- $terms = append $terms (toJson .) -}}
{{- end -}}
{{- toJson $terms -}}
{{- end }}

{{/* Whether the policy covers each namespace whose pods are sent to the webhook: it demands nothing of
a namespace that the webhook does not. */}}
{{- define "tokenpipe.policyCovers" -}}
{{- $demanded := include "tokenpipe.chosenSelector" . | fromYaml | include "tokenpipe.selectorTerms" | fromJsonArray -}}
{{- $more := list -}}
{{- range include "tokenpipe.selectorTerms" .Values.policy.namespaceSelector | fromJsonArray -}}
{{- if not (has . $demanded) -}}{{- $more = append $more . -}}{{- end -}}
{{- end -}}
{{- empty $more -}}
{{- end }}
