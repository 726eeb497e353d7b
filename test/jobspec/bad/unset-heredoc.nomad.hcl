job "unset-heredoc" {
  meta {
    a = "${upper(1, 2)}"
    b = <<EOT
line one ${nope("x")}
EOT
  }
}
