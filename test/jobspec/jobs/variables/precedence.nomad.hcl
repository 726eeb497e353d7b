# -var from_argument=argument
# -var-file precedence.vars.hcl
# NOMAD_VAR_from_environment=environment
# NOMAD_VAR_from_file=environment
# NOMAD_VAR_from_argument=environment
variables {
  from_default     = "default"
  from_environment = "default"
  from_file        = "default"
  from_argument    = "default"
}

job "precedence" {
  type = "batch"

  meta {
    from_default     = var.from_default
    from_environment = var.from_environment
    from_file        = var.from_file
    from_argument    = var.from_argument
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
