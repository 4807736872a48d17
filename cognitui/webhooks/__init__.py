"""What a person does with webhooks: describe, check, register, change."""
