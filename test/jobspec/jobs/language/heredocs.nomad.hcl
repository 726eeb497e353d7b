locals {
  name = "world"
}

job "heredocs" {
  type = "batch"

  meta {
    plain = <<EOT
first line
  kept "as it is" \n
EOT
    indented = <<-EOT
    four
      six

    four again
    EOT
    end_indented = <<-EOT
  two
    four
      EOT
    interpolated = <<EOT
Hello, ${local.name}!
EOT
    escaped = <<EOT
$${not} %%{it}
EOT
    tabs = <<-EOT
	one tab
		two tabs
	EOT
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
