{{/* A value as env-exec will see it: kubelet makes `$` of `$$`, and puts the value of another
variable for `$(NAME)`. \u0001 stands for a dollar that is not looked at again. */}}
{{- define "tokenpipe.expanded" -}}
!e.value.contains('$') ? e.value :
('\u0002' + e.value.replace('$$', '\u0001')).split('$(').map(part,
  part.startsWith('\u0002') ? part.substring(1) :
  !part.contains(')') ? '$(' + part :
  [part.substring(0, part.indexOf(')'))].map(name,
    c.env.exists(o, o.name == name && has(o.value))
      ? c.env.filter(o, o.name == name && has(o.value)).map(o, o.value.replace('$$', '\u0001'))[0]
      : '$(' + name + ')')[0] + part.substring(part.indexOf(')') + 1)
).join('').replace('\u0001', '$')
{{- end }}
