locals {
  on    = true
  names = ["ada", "bob"]
}

job "templates" {
  type = "batch"

  meta {
    interpolation   = "a${1 + 1}b"
    only            = "${true}"
    nested_quotes   = "x${upper("y")}z"
    condition       = "%{ if local.on }on%{ else }off%{ endif }"
    no_else         = "[%{ if !local.on }never%{ endif }]"
    loop            = "%{ for x in local.names }<${x}>%{ endfor }"
    loop_with_key   = "%{ for i, x in local.names }${i}:${x} %{ endfor }"
    trimmed         = "a   ${~ "b" ~}   c"
    trimmed_control = "a %{~ if local.on ~} b %{~ endif ~} c"
    lines = <<EOT
%{ for x in local.names ~}
* ${x}
%{ endfor ~}
EOT
    list_in_text    = jsonencode("${local.names}")
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
