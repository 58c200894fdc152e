{{/* What is a reference, in CEL, printed from the table of templates/src/reference/shape.rs.
A test compares them. */}}
{{- define "tokenpipe.directReference" -}}
'^(>>)?vault:([^0-9\\s\\p{Z}\\x0b\\x{85}/#][^\\s\\p{Z}\\x0b\\x{85}/#]*[/#]|[0-9]+[/#]|[0-9]+[^0-9\\s\\p{Z}\\x0b\\x{85}/#,;|&"\')}\\]<>][^\\s\\p{Z}\\x0b\\x{85}/#]*[/#]|v[0-9]+:|login$|[^\\s\\p{Z}\\x0b\\x{85}/#$]*\\$\\(|#|/[^/]|/$)'
{{- end }}
{{- define "tokenpipe.inlineReference" -}}
'(^|[^\\\\])(\\\\\\\\)*\\$\\{(>>)?vault:([^0-9\\s\\p{Z}\\x0b\\x{85}/#{}][^\\s\\p{Z}\\x0b\\x{85}/#{}]*[/#]|[0-9]+[/#]|[0-9]+[^0-9\\s\\p{Z}\\x0b\\x{85}/#,;|&"\')}\\]<>{][^\\s\\p{Z}\\x0b\\x{85}/#{}]*[/#]|v[0-9]+:|login\\}|[^\\s\\p{Z}\\x0b\\x{85}/#${}]*\\$\\(|#|/[^/]|/\\})'
{{- end }}
{{- define "tokenpipe.jsonValue" -}}
'(?s)^[ \\t\\n\\r]*(\\{[ \\t\\n\\r]*".*\\}|\\[[ \\t\\n\\r]*["{\\[].*\\])[ \\t\\n\\r]*$'
{{- end }}
{{- define "tokenpipe.controllerVariables" -}}
['ARGO_TEMPLATE']
{{- end }}
