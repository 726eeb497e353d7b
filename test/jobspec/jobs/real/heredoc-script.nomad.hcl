job "heredoc-script" {
  type = "batch"

  group "main" {
    task "script" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["local/run.sh"]
      }

      template {
        destination = "local/run.sh"
        perms       = "755"

        data = <<-EOT
          #!/bin/sh
          set -eu
          for name in a b c; do
            echo "$name: $${name} %%{name}"
          done

          echo "${NOMAD_JOB_NAME}"
        EOT
      }
    }
  }
}
