"""Makes the embedded reader model from nothing: data, training, export, measurement. The app never
imports this.
"""
